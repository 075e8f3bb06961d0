"""The numbers of examples/age-sex by an independent DuckDB query over raw Parquet files."""

import argparse

import omop

# One row per declared cell: all persons by sex and age, by sex, and all.
PERSONS = """
with
bands(age, low, high) as (values {bands}),
ages as (select age from bands union all select 'other'),
sexes(sex, concept) as (values ('male', 8507), ('female', 8532), ('other', null)),
cells as (
    select sex, age from sexes, ages
    union all
    select sex, null from sexes
    union all
    select null, null
),
pyramid as (
    select
        coalesce(sexes.sex, 'other') as sex,
        coalesce(bands.age, 'other') as age
    from person
    left join sexes on gender_concept_id = concept
    left join bands
        on year({snapshot}) - year_of_birth >= low
        and year({snapshot}) - year_of_birth < high
)
select cells.sex, cells.age, count(pyramid.sex) as persons
from cells
left join pyramid
    on (cells.sex is null or pyramid.sex = cells.sex)
    and (cells.age is null or pyramid.age = cells.age)
group by all
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--snapshot", required=True, help="the day at which ages are taken")
    arguments = parser.parse_args()
    database = omop.connect(arguments.folder, ["person"])
    query = PERSONS.format(
        bands=omop.bands(list(range(0, 101, 10))),
        snapshot=f"date '{arguments.snapshot}'",
    )
    omop.answer([omop.cells(database, "persons", query, ["sex", "age"])])


if __name__ == "__main__":
    main()
