"""The numbers of examples/gi-bleed by an independent DuckDB query over raw Parquet files."""

import argparse

import omop

TABLES = ["person", "drug_era", "condition_occurrence", "concept_ancestor"]

# From rows to one line per exposed person: arm, age, days to the first bleeding that counts.
PATIENTS = """
create table patients as
with
listed(name, concept) as (
    values ('celecoxib', 1118084), ('diclofenac', 1124300), ('gi_bleed', 192671)
),
codes as (
    select name, concept from listed
    union
    select name, descendant_concept_id
    from listed join concept_ancestor on ancestor_concept_id = concept
),
-- A person's first 200 eras of the two drugs; an era without a date comes before all others.
eras as (
    select person_id, drug_concept_id as drug, drug_era_start_date as start
    from drug_era
    where drug_concept_id in (select concept from codes where name <> 'gi_bleed')
    qualify 200 >= row_number() over (
        partition by person_id order by start nulls first, drug nulls first
    )
),
-- Two drugs begun on one day: the lower concept decides, as it stands first.
indexed as (
    select person_id, min(start) as index_date, arg_min(drug, (start, drug)) as drug
    from eras
    where start is not null
    group by person_id
),
bleeds as (
    select person_id, condition_start_date as start
    from condition_occurrence
    where condition_concept_id in (select concept from codes where name = 'gi_bleed')
    qualify 200 >= row_number() over (partition by person_id order by start nulls first)
),
bands(label, low, high) as (values {bands}),
exposed as (
    select
        person_id,
        index_date,
        case
            when drug in (select concept from codes where name = 'celecoxib') then 'celecoxib'
            else 'diclofenac'
        end as arm,
        coalesce(label, 'other') as age
    -- Eras of somebody who is not in `person` belong to nobody.
    from indexed join person using (person_id)
    left join bands
        on year(index_date) - year_of_birth >= low
        and year(index_date) - year_of_birth < high
)
select
    person_id,
    arm,
    age,
    min(bleeds.start - index_date)
        filter (where bleeds.start - index_date between 0 and {horizon}) as days
from exposed left join bleeds using (person_id)
group by all
"""

# Persons by arm and age, by arm, and all, also where there are none.
COUNT = """
with
arms(arm) as (values ('celecoxib'), ('diclofenac')),
ages(age, low, high) as (values {bands}, ('other', null, null)),
cells as (
    select arm, age from arms, ages
    union all
    select arm, null from arms
    union all
    select null, null
)
select cells.arm, cells.age, count(person_id) as persons
from cells
left join (from patients where {counts}) as counted
    on (cells.arm is null or cells.arm = counted.arm)
    and (cells.age is null or cells.age = counted.age)
group by all
"""

# Its lower bound is 0 days, so that what lies above the bound is the sum itself.
MOMENTS = """
with arms(arm) as (values ('celecoxib'), ('diclofenac'))
select
    arm,
    count(days) as persons,
    count(days) filter (where days <> 0) as nonzero,
    coalesce(sum(days), 0)::bigint as sum,
    coalesce(sum(days), 0)::bigint as excess,
    coalesce(sum(days * days), 0)::bigint as excess_squares,
    avg(days) as mean,
    stddev_samp(days) as sd
from arms left join patients using (arm)
group by all
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    horizon = "days at risk, the last included"
    parser.add_argument("--horizon-days", type=int, default=3650, help=horizon)
    arguments = parser.parse_args()
    database = omop.connect(arguments.folder, TABLES)
    bands = omop.bands([0, 40, 60, 80, 120])
    database.execute(PATIENTS.format(bands=bands, horizon=arguments.horizon_days))
    exposed = COUNT.format(bands=bands, counts="true")
    bled = COUNT.format(bands=bands, counts="days is not null")
    omop.answer(
        [
            omop.cells(database, "exposed", exposed, ["arm", "age"]),
            omop.cells(database, "bled", bled, ["arm", "age"]),
            omop.cells(database, "days_to_bleed", MOMENTS, ["arm"]),
        ]
    )


if __name__ == "__main__":
    main()
