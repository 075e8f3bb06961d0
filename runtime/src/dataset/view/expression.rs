//! The allow-list for expressions: what looks at one row, and gives the same for the same row.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::WindowFunctionDefinition;
use datafusion::logical_expr::{Expr, Volatility};

use super::Refused;

/// Lets `expr` through if every part of it is on the list.
///
/// # Errors
/// [`Refused`] with the first part that is not.
pub(super) fn check(expr: &Expr) -> Result<(), Refused> {
    let mut first = None;
    let walked = expr.apply(|part| {
        first = refusal(part);
        Ok(if first.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    match (first, walked) {
        (Some(refused), _) => Err(refused),
        (None, Ok(_)) => Ok(()),
        (None, Err(error)) => Err(Refused::new(error.strip_backtrace())),
    }
}

/// Why this node, whatever is below it, is not on the list.
fn refusal(expr: &Expr) -> Option<Refused> {
    let what = match expr {
        Expr::Alias(_)
        | Expr::Column(_)
        | Expr::Literal(..)
        | Expr::BinaryExpr(_)
        | Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::Not(_)
        | Expr::IsNotNull(_)
        | Expr::IsNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Negative(_)
        | Expr::Between(_)
        | Expr::Case(_)
        | Expr::Cast(_)
        | Expr::TryCast(_)
        | Expr::InList(_) => return None,
        Expr::ScalarFunction(call) => return function(call.name(), volatility(expr)?),
        Expr::AggregateFunction(call) => aggregate(call.func.name()),
        Expr::WindowFunction(call) => window(&call.fun),
        Expr::ScalarSubquery(_) => subquery("a subquery as a value"),
        Expr::InSubquery(_) => subquery("`IN` with a subquery"),
        Expr::Exists(_) => subquery("`EXISTS`"),
        Expr::SetComparison(_) => subquery("a comparison with a subquery"),
        Expr::OuterReferenceColumn(..) => subquery("a correlated subquery"),
        Expr::Unnest(_) => "`unnest` makes several rows of one; declare the rows as a table".into(),
        Expr::Placeholder(_) => "a parameter (`$1`) has no value in a view; write it out".into(),
        Expr::ScalarVariable(..) => "a variable (`@...`) has no value in a view".into(),
        other => format!("`{other}` is not on the list of row-wise expressions"),
    };
    Some(Refused::new(what))
}

/// An aggregate, by its name.
pub(super) fn aggregate(name: &str) -> String {
    format!(
        "an aggregate (`{name}`) would make one row of many; let the study's analysis add up, \
         person by person"
    )
}

/// A window function, by its definition.
pub(super) fn window(function: &WindowFunctionDefinition) -> String {
    let name = function.name();
    format!(
        "a window function (`{name}`) would let rows of several persons into one bundle; use \
         row-wise expressions"
    )
}

fn subquery(what: &str) -> String {
    format!(
        "{what} looks at other rows, and they may be another person's; join on the unit key or \
         to a vocabulary table"
    )
}

fn volatility(expr: &Expr) -> Option<Volatility> {
    let Expr::ScalarFunction(call) = expr else { return None };
    Some(call.func.signature().volatility)
}

fn function(name: &str, volatility: Volatility) -> Option<Refused> {
    let differs = match volatility {
        Volatility::Immutable => return None,
        Volatility::Stable => "from run to run",
        Volatility::Volatile => "from row to row",
    };
    Some(Refused::new(format!(
        "the function `{name}` differs {differs}, and a replay must give the same; use columns \
         and constants"
    )))
}
