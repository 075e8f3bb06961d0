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
