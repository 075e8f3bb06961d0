//! The allow-list for plans, and the proof that a view keeps `one person`.
//!
//! From the tables upwards it is known of each relation whose rows it has, and of each column
//! where it comes from. *Induction*: in a person's relation each row is made of one person's rows,
//! and every column traced to [`Origin::Key`] holds that person's key. A table has it by
//! declaration; a projection, a filter and an alias keep it; a union keeps it if its sides put
//! keys only into columns of keys; a join keeps it if it equates a key of each side, or if one
//! side is nobody's.

use std::collections::BTreeMap;

use datafusion::common::{Column, DFSchema, JoinType, NullEquality};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Join, LogicalPlan, Operator, TableScan, Union};

use super::names::{Owner, Relation};
use super::{Refused, expression};
use crate::dataset::naming::same_name;

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// A unit key, untouched: it names the person whose row this is.
    Key,
    /// A unit key from the right of a left join: it may be null where the person is not.
    KeyOrNull,
    /// Computed, from a unit key among others.
    FromKey,
    /// Another column, as `table.column`.
    Column(String),
    /// Computed from other columns.
    Computed,
}

impl Origin {
    fn holds_key(&self) -> bool {
        matches!(self, Self::Key | Self::KeyOrNull | Self::FromKey)
    }
}

/// What is known of a relation.
struct Traced {
    /// Whether each row is one person's; else it is public.
    person: bool,
    /// Where its columns come from, in their order.
    columns: Vec<Origin>,
}

type Known<'r> = &'r BTreeMap<String, Relation>;

/// Checks the plan of a view, and that its column `key` is the unit key.
///
/// # Errors
/// [`Refused`] with the first thing that is not on the list, or what is wrong with the key.
pub(super) fn view(plan: &LogicalPlan, known: Known<'_>, key: &str) -> Result<(), Refused> {
    let traced = trace(plan, known)?;
    if !traced.person {
        let what = "it reads vocabulary alone, and its rows are nobody's; read it from \
             `[vocabulary]`, or join it to a person's table";
        return Err(Refused::new(what));
    }
    let fields = plan.schema().fields().iter().map(|field| field.name().as_str());
    let is_key = |name: &str| same_name(name, key);
    let (keys, others): (Vec<_>, Vec<_>) =
        fields.zip(&traced.columns).partition(|(name, _)| is_key(name));
    let what = match keys.as_slice() {
        [] => format!("it has no column `{key}`; select the unit key under that name"),
        [(_, Origin::Key)] => return no_other_key(&others, key),
        [(_, Origin::KeyOrNull)] => format!(
            "its `{key}` comes from the right of a left join, where it may be null; take the one \
             from the left"
        ),
        [(_, Origin::Column(from))] => format!(
            "its `{key}` is `{from}`, which is not the unit key of that table; select the unit \
             key, and name it in `unit.keys` if the table calls it otherwise"
        ),
        [(_, Origin::Computed | Origin::FromKey)] => format!(
            "its `{key}` is computed, and could name another person; select the unit key as it is"
        ),
        _ => format!("it has more than one column `{key}`; select the one of one table"),
    };
    Err(Refused::new(what))
}

/// A bundle holds no identifier, so a view may not rename one into a column of data.
fn no_other_key(others: &[(&str, &Origin)], key: &str) -> Result<(), Refused> {
    match others.iter().find(|(_, origin)| origin.holds_key()) {
        None => Ok(()),
        Some((name, _)) => Err(Refused::new(format!(
            "its column `{name}` holds the unit key, and no identifier goes into a bundle; \
             select it once, as `{key}`"
        ))),
    }
}

fn trace(plan: &LogicalPlan, known: Known<'_>) -> Result<Traced, Refused> {
    match plan {
        LogicalPlan::TableScan(scan) => table(scan, known),
        LogicalPlan::SubqueryAlias(alias) => trace(&alias.input, known),
        LogicalPlan::Filter(filter) => {
            expression::check(&filter.predicate)?;
            trace(&filter.input, known)
        }
        LogicalPlan::Projection(projection) => {
            let input = trace(&projection.input, known)?;
            let schema = projection.input.schema();
            let columns = projection.expr.iter().map(|expr| {
                expression::check(expr)?;
                origin(expr, schema, &input)
            });
            let columns = columns.collect::<Result<_, _>>()?;
            Ok(Traced { person: input.person, columns })
        }
        LogicalPlan::Join(join) => self::join(join, known),
        LogicalPlan::Union(union) => self::union(union, known),
        other => Err(Refused::new(not_on_the_list(other))),
    }
}

fn table(scan: &TableScan, known: Known<'_>) -> Result<Traced, Refused> {
    let name = scan.table_name.table();
    let relation = known.get(name).filter(|_| scan.table_name.schema().is_none());
    let whole = scan.projection.is_none() && scan.filters.is_empty() && scan.fetch.is_none();
    let Some(relation) = relation.filter(|_| whole) else {
        return Err(Refused::new(format!("it reads `{}` in an unknown way", scan.table_name)));
    };
    let fields = scan.projected_schema.fields().iter();
    let columns = fields.map(|field| match &relation.owner {
        Owner::Person { key, .. } if key == field.name() => Origin::Key,
        _ => Origin::Column(format!("{name}.{}", field.name())),
    });
    let person = matches!(relation.owner, Owner::Person { .. });
    Ok(Traced { person, columns: columns.collect() })
}

/// Where the values of `expr` come from, over an input with `schema`.
fn origin(expr: &Expr, schema: &DFSchema, input: &Traced) -> Result<Origin, Refused> {
    let of = |column: &Column| {
        let at = position(column, schema);
        let origin = at.and_then(|at| input.columns.get(at));
        origin.ok_or_else(|| Refused::new(format!("`{column}` is not one column; qualify it")))
    };
    match expr {
        Expr::Alias(alias) => origin(&alias.expr, schema, input),
        Expr::Column(column) => Ok(of(column)?.clone()),
        computed => {
            let mut from_key = false;
            for column in computed.column_refs() {
                from_key |= of(column)?.holds_key();
            }
            Ok(if from_key { Origin::FromKey } else { Origin::Computed })
        }
    }
}

/// The one field of `schema` that `column` names, qualifier and all.
fn position(column: &Column, schema: &DFSchema) -> Option<usize> {
    let same = |(qualifier, name): (Option<&_>, &String)| {
        qualifier == column.relation.as_ref() && *name == column.name
    };
    let fields = schema.iter().map(|(qualifier, field)| (qualifier, field.name()));
    let mut found = fields.enumerate().filter(|(_, field)| same(*field));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}

fn join(join: &Join, known: Known<'_>) -> Result<Traced, Refused> {
    let (left, right) = (trace(&join.left, known)?, trace(&join.right, known)?);
    let outer = match join.join_type {
        JoinType::Inner => false,
        JoinType::Left => true,
        other => {
            return Err(Refused::new(format!(
                "a {other} join is not on the list; join inner or left, with the person's table \
                 on the left"
            )));
        }
    };
    for expr in join.on.iter().flat_map(|(left, right)| [left, right]).chain(&join.filter) {
        expression::check(expr)?;
    }
    if join.null_equality != NullEquality::NullEqualsNothing {
        return Err(Refused::new("a join in which nulls are equal would pair rows of nobody"));
    }
    if outer && right.person && !left.person {
        let what = "a left join with vocabulary on the left makes rows of nobody; put the \
             person's table on the left";
        return Err(Refused::new(what));
    }
    let pairs = equalities(join);
    if left.person && right.person {
        let key = |expr: &Expr, plan: &LogicalPlan, traced: &Traced| {
            matches!(expr, Expr::Column(_))
                && origin(expr, plan.schema(), traced) == Ok(Origin::Key)
        };
        let by_key = |pair: &(&Expr, &Expr)| {
            key(pair.0, &join.left, &left) && key(pair.1, &join.right, &right)
        };
        if !pairs.iter().any(by_key) {
            let what = "a join of two persons' tables that does not equate their unit keys would \
                 put rows of two persons into one; add `ON left.key = right.key`";
            return Err(Refused::new(what));
        }
    } else if pairs.is_empty() {
        let what = "a join without an equality pairs every row with every other; join to \
             vocabulary with `ON column = column`";
        return Err(Refused::new(what));
    }
    let person = left.person || right.person;
    let absent = |origin: Origin| match origin {
        Origin::Key if outer => Origin::KeyOrNull,
        other => other,
    };
    let columns = left.columns.into_iter().chain(right.columns.into_iter().map(absent));
    Ok(Traced { person, columns: columns.collect() })
}

/// The pairs of expressions that `join` equates, the left side's first.
fn equalities(join: &Join) -> Vec<(&Expr, &Expr)> {
    let from = |expr: &Expr, side: &LogicalPlan| {
        let columns = expr.column_refs();
        !columns.is_empty() && columns.iter().all(|one| position(one, side.schema()).is_some())
    };
    let pairs = join.on.iter().map(|(left, right)| (left, right));
    let filters = join.filter.iter().flat_map(split_conjunction).filter_map(|expr| match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            Some((left.as_ref(), right.as_ref()))
        }
        _ => None,
    });
    let turned = pairs.chain(filters).filter_map(|(one, other)| {
        let straight = from(one, &join.left) && from(other, &join.right);
        let crossed = from(other, &join.left) && from(one, &join.right);
        if straight { Some((one, other)) } else { crossed.then_some((other, one)) }
    });
    turned.collect()
}

fn union(union: &Union, known: Known<'_>) -> Result<Traced, Refused> {
    let mut sides = union.inputs.iter().map(|input| trace(input, known));
    let Some(mut whole) = sides.next().transpose()? else {
        return Err(Refused::new("it is a union of nothing"));
    };
    for side in sides {
        let side = side?;
        if side.person != whole.person {
            let what = "a union with vocabulary would give public rows to a person; union \
                 persons' tables only";
            return Err(Refused::new(what));
        }
        let names = union.schema.fields().iter().map(|field| field.name());
        for ((mine, its), name) in whole.columns.iter_mut().zip(side.columns).zip(names) {
            if mine.holds_key() != its.holds_key() {
                return Err(Refused::new(format!(
                    "its union puts a unit key and something else into the column `{name}`, and \
                     one number would name two persons; put the unit key into the same column \
                     on each side"
                )));
            }
            if *mine != its {
                *mine = if mine.holds_key() { Origin::FromKey } else { Origin::Computed };
            }
        }
    }
    Ok(whole)
}

/// Why a node of a plan is not on the list.
fn not_on_the_list(plan: &LogicalPlan) -> String {
    let named = |what: &str, right: &str| format!("{what} is not on the list; {right}");
    match plan {
        LogicalPlan::Window(window) => {
            let function = window.window_expr.iter().find_map(|expr| match expr {
                Expr::WindowFunction(call) => Some(expression::window(&call.fun)),
                Expr::Alias(alias) => match alias.expr.as_ref() {
                    Expr::WindowFunction(call) => Some(expression::window(&call.fun)),
                    _ => None,
                },
                _ => None,
            });
            function.unwrap_or_else(|| named("a window", "use row-wise expressions"))
        }
        LogicalPlan::Aggregate(aggregate) => {
            let name = aggregate.aggr_expr.iter().find_map(|expr| match expr {
                Expr::AggregateFunction(call) => Some(call.func.name().to_owned()),
                _ => None,
            });
            expression::aggregate(&name.unwrap_or_else(|| "GROUP BY".to_owned()))
        }
        LogicalPlan::Distinct(_) => {
            let right = "rows are one person's each and may repeat; write `UNION ALL`, or leave \
                 it to the study";
            named("`DISTINCT`, or a `UNION` without `ALL`,", right)
        }
        LogicalPlan::Limit(_) => {
            let right = "which rows it keeps depends on other persons; say `rows_max` in the study";
            named("`LIMIT` or `OFFSET`", right)
        }
        LogicalPlan::Sort(_) => {
            named("`ORDER BY`", "rows are ordered by the study's `order_by`; take it out")
        }
        LogicalPlan::Values(_) => named("`VALUES`", "its rows are nobody's; read a table"),
        LogicalPlan::EmptyRelation(_) => {
            named("a SELECT without `FROM`", "its row is nobody's; read a table")
        }
        LogicalPlan::Unnest(_) => {
            "`unnest` makes several rows of one; declare the rows as a table".to_owned()
        }
        LogicalPlan::RecursiveQuery(_) => {
            named("a recursive query", "use a vocabulary table such as `concept_ancestor`")
        }
        LogicalPlan::Subquery(_) => {
            named("a `LATERAL` subquery", "join on the unit key or to a vocabulary table")
        }
        LogicalPlan::Ddl(_) | LogicalPlan::Dml(_) | LogicalPlan::Copy(_) => {
            named("a statement that writes", "a view only reads")
        }
        other => named(&format!("`{}`", other.display()), "use what docs/datasets.md lists"),
    }
}
