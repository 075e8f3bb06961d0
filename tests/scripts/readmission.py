"""The numbers of examples/readmission by an independent DuckDB query over raw Parquet files."""

import argparse

import omop

TABLES = ["person", "visit_occurrence", "condition_occurrence", "measurement", "concept_ancestor"]

AGES = [18, 40, 65, 80, 120]
REASONS = ["circulatory", "respiratory", "digestive", "other"]
OUTCOMES = ["readmitted", "died", "neither"]

# What may be asked for, and the descendants of what has some.
CODES = """
create table codes as
with listed(name, concept) as (
    select 'condition', unnest([{conditions}])
    union all values ('inpatient', 9201), ('inpatient', 262)
)
select name, concept from listed
union
select name, descendant_concept_id
from listed join concept_ancestor on ancestor_concept_id = concept
"""

# From a person's first 50 visits to stays, numbered from the first; visits that touch are one.
# Visits are told apart by their ids as text.
VISITS = """
create table visits as
with
first_visits as (
    select
        person_id,
        visit_start_date as admitted,
        visit_end_date,
        visit_occurrence_id::varchar as visit
    from visit_occurrence join person using (person_id)
    where visit_concept_id in (select concept from codes where name = 'inpatient')
    qualify 50 >= row_number() over (
        partition by person_id
        order by admitted nulls first, visit_end_date nulls first, visit nulls first
    )
),
dated as (
    select *, greatest(coalesce(visit_end_date, {snapshot}), admitted) as discharged
    from first_visits
    where admitted is not null
),
apart as (
    select
        *,
        admitted > max(discharged) over (
            partition by person_id order by admitted, discharged, visit
            rows between unbounded preceding and 1 preceding
        ) as gap
    from dated
)
select
    *,
    1 + count(*) filter (where gap) over (
        partition by person_id order by admitted, discharged, visit
        rows between unbounded preceding and current row
    ) as stay
from apart
"""

# Why somebody was there: the first diagnosis that names one of the stay's visits.
REASONS_OF_STAYS = """
create table reasons as
with diagnoses as (
    select
        person_id,
        condition_start_date as day,
        condition_source_value as source,
        visit_occurrence_id::bigint::varchar as visit
    from condition_occurrence
    where condition_concept_id in (select concept from codes where name = 'condition')
    qualify 200 >= row_number() over (
        partition by person_id order by day nulls first, source nulls first, visit nulls first
    )
)
select
    person_id,
    stay,
    case
        when starts_with(source, 'I') then 'circulatory'
        when starts_with(source, 'J') then 'respiratory'
        when starts_with(source, 'K') then 'digestive'
        else 'other'
    end as reason
from diagnoses join visits using (person_id, visit)
qualify 1 = row_number() over (
    partition by person_id, stay order by day nulls first, source nulls first
)
"""

PLANNED = """
create table planned as
with care as (
    select person_id, visit_occurrence_id::bigint::varchar as visit
    from condition_occurrence
    where starts_with(condition_source_value, 'Z50')
        or (starts_with(condition_source_value, 'Z51')
            and not starts_with(condition_source_value, 'Z51.5'))
    qualify 100 >= row_number() over (partition by person_id order by visit nulls first)
)
select distinct person_id, stay from care join visits using (person_id, visit)
"""

# One line per person: the index stay and what came of it.
PATIENTS = """
create table patients as
with
stays as (
    select person_id, stay, min(admitted) as admitted, max(discharged) as discharged
    from visits
    group by all
),
deaths as (select person_id, min(death_date) as died from {deaths} group by all),
followed as (
    select
        *,
        lead(admitted) over (partition by person_id order by stay) as next_admitted,
        lead(stay) over (partition by person_id order by stay) as next_stay
    from stays left join deaths using (person_id)
),
indexed as (
    select followed.*, reason
    from followed join reasons using (person_id, stay)
    where (died is null or died > discharged) and {snapshot} + 1 - discharged >= {end}
    qualify 1 = row_number() over (partition by person_id order by stay)
),
later as (
    select
        indexed.*,
        case
            when not exists (
                from planned
                where planned.person_id = indexed.person_id and planned.stay = next_stay
            ) and (died is null or died >= next_admitted)
            then next_admitted - discharged
        end as days_home
    from indexed
),
bands(label, low, high) as (values {bands}),
ages(label, low, high) as (values {ages})
select
    later.person_id,
    stay,
    reason,
    coalesce(ages.label, 'other') as age,
    bands.label as days,
    case
        when bands.label is not null then 'readmitted'
        when died - discharged < {end} then 'died'
        else 'neither'
    end as outcome
from later
join person using (person_id)
left join bands on days_home >= bands.low and days_home < bands.high
left join ages
    on year(admitted) - year_of_birth >= ages.low
    and year(admitted) - year_of_birth < ages.high
"""

# In hundredths or tenths of the unit, clamped; the first or the last row of the index stay.
LAB = """
create table {lab} as
with
units(unit, factor) as (values {units}),
kept as (
    select
        person_id,
        measurement_date as day,
        value_as_number::double as value,
        unit_concept_id as unit,
        visit_occurrence_id::bigint::varchar as visit
    from measurement
    where measurement_concept_id in ({concepts}) and unit_concept_id in (select unit from units)
    qualify 200 >= row_number() over (
        partition by person_id order by
            day {order}, value {order}, unit {order}, visit {order}
    )
),
one as (
    select person_id, outcome, value * factor as value
    from kept
    join visits using (person_id, visit)
    join patients using (person_id, stay)
    join units using (unit)
    where value is not null
    qualify 1 = row_number() over (
        partition by person_id order by day {order}, value {order}, unit {order}
    )
)
select person_id, outcome, greatest(0, least({high}, round_even(value * {steps}, 0))) as steps
from one
"""

# Its lower bound is zero, so that what lies above the bound is the sum itself.
MOMENTS = """
with outcomes(outcome) as (values {outcomes})
select
    outcome,
    count(steps) as persons,
    count(steps) filter (where steps <> 0) as nonzero,
    coalesce(sum(steps), 0) / {steps} as sum,
    coalesce(sum(steps), 0) / {steps} as excess,
    coalesce(sum(steps * steps), 0) / {steps} / {steps} as excess_squares,
    avg(steps) / {steps} as mean,
    stddev_samp(steps) / {steps} as sd
from outcomes left join {lab} using (outcome)
group by all
"""


def values(labels):
    return ", ".join(f"('{label}')" for label in labels)


def count(database, output, dimensions, totals, counts):
    """Persons by all `dimensions` and by those of each total, also where there are none."""

    def block(stay):
        """The labels of the dimensions that stay; of the others null."""
        labels = [f"{name}.label" if name in stay else "null" for name in dimensions]
        lists = [f"(values {values(dimensions[name])}) {name}(label)" for name in stay]
        return f"select {', '.join(labels)}" + (f" from {', '.join(lists)}" if lists else "")

    blocks = " union all ".join(block(stay) for stay in [list(dimensions), *totals])
    fits = [f"(cells.{name} is null or cells.{name} = counted.{name})" for name in dimensions]
    query = f"""
        with cells({", ".join(dimensions)}) as ({blocks})
        select {", ".join(f"cells.{name}" for name in dimensions)}, count(person_id) as persons
        from cells left join (from patients where {counts}) as counted on {" and ".join(fits)}
        group by all
    """
    return omop.cells(database, output, query, list(dimensions))


def lab(database, output, concepts, units, order, high, steps):
    """The moments of one lab; `units` are (concept, by what a value is multiplied)."""
    # An exponent makes a number a double, and not a decimal.
    units = ", ".join(f"({unit}, {factor!r}e0)" for unit, factor in units)
    database.execute(
        LAB.format(
            lab=output,
            units=units,
            concepts=concepts,
            order=order,
            high=high * steps,
            steps=f"{steps}e0",
        )
    )
    query = MOMENTS.format(lab=output, outcomes=values(OUTCOMES), steps=f"{steps}e0")
    return omop.cells(database, output, query, ["outcome"])


def labels(edges):
    return [f"[{low}, {high})" for low, high in zip(edges, edges[1:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--snapshot", required=True, help="the last day that anything is known of")
    parser.add_argument("--conditions", default="312327,316139,255848")
    parser.add_argument("--grid", default="1,8,31,91", help="days after discharge")
    parser.add_argument("--without-deaths", action="store_true")
    arguments = parser.parse_args()
    tables, deaths = [*TABLES, "death"], "death"
    if arguments.without_deaths:
        tables, deaths = TABLES, "(select 0 as person_id, null::date as death_date limit 0)"
    database = omop.connect(arguments.folder, tables)
    grid = [int(edge) for edge in arguments.grid.split(",")]
    snapshot = f"date '{arguments.snapshot}'"
    database.execute(CODES.format(conditions=arguments.conditions))
    database.execute(VISITS.format(snapshot=snapshot))
    database.execute(REASONS_OF_STAYS)
    database.execute(PLANNED)
    bands, ages = omop.bands(grid), omop.bands(AGES)
    database.execute(
        PATIENTS.format(snapshot=snapshot, end=grid[-1], deaths=deaths, bands=bands, ages=ages)
    )
    age, days = {"age": [*labels(AGES), "other"]}, {"days": labels(grid)}
    reason, outcome = {"reason": REASONS}, {"outcome": OUTCOMES}
    creatinine = [(8840, 1.0), (8749, 1.0 / 88.42)]
    haemoglobin = [(8713, 1.0), (8636, 0.1), (8753, 1.6114)]
    omop.answer(
        [
            count(database, "discharged", age, [[]], "true"),
            count(database, "readmitted", age | days, [["age"], ["days"], []], "days is not null"),
            count(database, "outcomes", reason | outcome, [["outcome"]], "true"),
            lab(
                database,
                "first_creatinine",
                "3016723, 3051825",
                creatinine,
                order="nulls first",
                high=20,
                steps=100,
            ),
            lab(
                database,
                "last_haemoglobin",
                "3000963",
                haemoglobin,
                order="desc nulls last",
                high=25,
                steps=10,
            ),
        ]
    )


if __name__ == "__main__":
    main()
