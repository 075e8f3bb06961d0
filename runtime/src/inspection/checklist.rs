//! The reviewer's checklist: ids, questions, and what the host cannot stop, from one file.

use serde::Deserialize;

/// A question that a review answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// By what a review's answer names it; it never changes its meaning.
    pub id: String,
    /// The question; `yes` is the good answer.
    pub question: String,
    /// What the host cannot stop, so that a person has to look.
    pub host: String,
}

/// The checklist cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checklist is broken: {0}")]
pub struct BrokenChecklist(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    item: Vec<ChecklistItem>,
}

const CHECKLIST: &str = include_str!("../review_checklist.toml");

/// The reviewer's checklist, in its order.
///
/// # Errors
/// [`BrokenChecklist`] if the file that was compiled in is not one.
pub fn checklist() -> Result<Vec<ChecklistItem>, BrokenChecklist> {
    let file: File =
        toml::from_str(CHECKLIST).map_err(|error| BrokenChecklist(error.message().to_owned()))?;
    Ok(file.item)
}

/// A `review.toml` about `module`, the file, that asks every question and answers none.
///
/// # Errors
/// [`BrokenChecklist`] if the file that was compiled in is not one.
pub fn review_template(module: &str) -> Result<String, BrokenChecklist> {
    let mut text = format!(
        "# A review of {module}. Answer each question with \"yes\" (the good one), \"no\" or\n\
         # \"not-applicable\"; docs/review.md tells what to look for. Then sign it:\n\
         #   cloister sign {module} --key you.key --role reviewer \\\n\
         #       --rebuild SOURCES --answers FILE\n\n\
         # organisation = \"\"       # yours, as sites list you\n\
         # valid_until = \"\"        # the last day; by default in two years\n"
    );
    for item in checklist()? {
        text += &format!(
            "\n# {}\n[[answer]]\nitem = \"{}\"\nanswer = \"\"\n# note = \"\"\n",
            item.question, item.id
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../../docs/review.md");

    #[test]
    fn ids_are_names_and_each_is_there_once() {
        let items = checklist().unwrap();
        for (at, item) in items.iter().enumerate() {
            assert!(item.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", item.id);
            assert!(items.iter().skip(at + 1).all(|other| other.id != item.id), "{}", item.id);
        }
    }

    #[test]
    fn a_template_is_a_review_once_every_question_is_answered() {
        use crate::trust::ReviewAnswers;
        let text = review_template("study.wasm").unwrap();
        assert!(toml::from_str::<ReviewAnswers>(&text).is_err(), "nothing is answered yet");
        let answered = text.replace("answer = \"\"", "answer = \"yes\"");
        let review: ReviewAnswers = toml::from_str(&answered).unwrap();
        let ids: Vec<_> = review.answers.into_iter().map(|one| one.item).collect();
        let items = checklist().unwrap().into_iter().map(|item| item.id);
        assert_eq!(ids, items.collect::<Vec<_>>());
        assert_eq!(text.lines().filter(|line| line.len() > 160).count(), 0, "{text}");
    }

    #[test]
    fn the_guide_explains_each_item_in_the_same_order_and_words() {
        let headings = GUIDE.lines().filter_map(|line| line.strip_prefix("### "));
        let headings: Vec<_> = headings.collect();
        let items = checklist().unwrap();
        let wanted: Vec<_> = items.iter().map(|item| format!("`{}`", item.id)).collect();
        assert_eq!(headings, wanted);
        let guide = GUIDE.split_whitespace().collect::<Vec<_>>().join(" ");
        for item in items {
            assert!(guide.contains(&format!("**{}**", item.question)), "{}", item.question);
            let host = format!("*The host:* {}", item.host);
            assert!(guide.contains(&host), "{}", item.host);
        }
    }
}
