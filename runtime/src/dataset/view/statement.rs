//! A view's text: one SELECT, parsed; anything else is refused by name.

use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::{Refused, View, clauses};

/// How deep brackets may nest: the parser goes down one call for each.
const DEPTH_MAX: usize = 50;

/// Parses `sql` as one query.
///
/// # Errors
/// [`Refused`] with the statement that it is instead, or where it does not parse.
pub(super) fn parse(sql: &str) -> Result<View, Refused> {
    let unreadable = |what: String| Refused::new(format!("the SQL does not parse: {what}"));
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| unreadable(error.to_string()))?;
    let mut tokens: Vec<TokenWithSpan> = tokens.into_iter().map(without_case).collect();
    while tokens.last().is_some_and(|last| ends(&last.token)) {
        tokens.pop();
    }
    if let Some(statement) = other_statement(&tokens) {
        return Err(Refused::new(format!("a view is one SELECT; `{statement}` is none")));
    }
    let said = |error: ParserError| match error {
        ParserError::TokenizerError(what) | ParserError::ParserError(what) => unreadable(what),
        ParserError::RecursionLimitExceeded => {
            unreadable(format!("its brackets nest deeper than {DEPTH_MAX}"))
        }
    };
    let dialect = GenericDialect {};
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(DEPTH_MAX).with_tokens_with_locations(tokens);
    let query = parser.parse_query().map_err(said)?;
    let rest = parser.peek_token();
    match rest.token {
        Token::EOF => {}
        Token::SemiColon => {
            let what = "a view is one SELECT, and there is more after the `;`";
            return Err(Refused::new(what));
        }
        token => {
            return Err(unreadable(format!("unexpected `{token}`{}", rest.span.start)));
        }
    }
    clauses::check(&query)?;
    let query = Statement::Query(query);
    let parsed = Parsed::Statement(Box::new(query.clone()));
    let (tables, _) = resolve_table_references(&parsed, true)
        .map_err(|error| unreadable(error.strip_backtrace()))?;
    let reads = tables.iter().filter(|table| table.schema().is_none());
    Ok(View { reads: reads.map(|table| table.table().to_owned()).collect(), query })
}

/// Names in quotes have no case either: columns and tables match without regard to it.
fn without_case(mut token: TokenWithSpan) -> TokenWithSpan {
    if let Token::Word(word) = &mut token.token
        && word.quote_style.is_some()
    {
        word.value = word.value.to_lowercase();
    }
    token
}

const fn ends(token: &Token) -> bool {
    matches!(token, Token::SemiColon | Token::Whitespace(_) | Token::EOF)
}

/// The first word, if it begins something other than a query.
fn other_statement(tokens: &[TokenWithSpan]) -> Option<String> {
    let begins = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
    let Token::Word(word) = &tokens.iter().find(begins)?.token else { return None };
    let query = [Keyword::SELECT, Keyword::WITH, Keyword::VALUES, Keyword::TABLE, Keyword::FROM];
    // A word that is no keyword is a slip, and the parser says where.
    let other = word.keyword != Keyword::NoKeyword && !query.contains(&word.keyword);
    other.then(|| word.value.to_uppercase())
}
