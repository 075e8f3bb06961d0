//! The attacks that are programs; a test compares this list with the folders.

use crate::attempt::Attempt;

/// Declares each attack as a module and lists it under its name.
macro_rules! attacks {
    ($($name:literal as $module:ident),* $(,)?) => {
        $(#[path = $name] mod $module;)*
        /// Each attack with what makes its requests.
        pub(crate) const ATTACKS: &[(&str, fn() -> Vec<Attempt>)] =
            &[$(($name, $module::attempts)),*];
    };
}

attacks! {
    "guests/cancel-and-retry.rs" as cancel_and_retry,
    "modules/branch-table.rs" as branch_table,
    "modules/broken-name-section.rs" as broken_name_section,
    "modules/component.rs" as component,
    "modules/deep-nesting.rs" as deep_nesting,
    "modules/elf.rs" as elf,
    "modules/gzip.rs" as gzip,
    "modules/huge-custom-section.rs" as huge_custom_section,
    "modules/many-custom-sections.rs" as many_custom_sections,
    "modules/many-locals.rs" as many_locals,
    "modules/many-types.rs" as many_types,
    "modules/maximal-function.rs" as maximal_function,
    "modules/million-functions.rs" as million_functions,
    "modules/million-segments.rs" as million_segments,
    "modules/overlong-leb128.rs" as overlong_leb128,
    "modules/oversized-function.rs" as oversized_function,
    "modules/oversized-module.rs" as oversized_module,
    "modules/trailing-bytes.rs" as trailing_bytes,
    "modules/truncated.rs" as truncated,
    "modules/wat-text.rs" as wat_text,
    "sites/duplicate-key-unregistered.rs" as duplicate_key_unregistered,
    "sites/duplicate-key.rs" as duplicate_key,
    "sites/forbid-that-fails.rs" as forbid_that_fails,
    "sites/mixing-view.rs" as mixing_view,
    "sites/row-without-a-person.rs" as row_without_a_person,
    "sites/sensitive-by-another-name.rs" as sensitive_by_another_name,
    "sites/view-of-a-file.rs" as view_of_a_file,
    "sites/view-of-a-withheld-column.rs" as view_of_a_withheld_column,
    "studies/bounds-far-from-zero.rs" as bounds_far_from_zero,
    "studies/changed-after-review.rs" as changed_after_review,
    "studies/contribution-flood.rs" as contribution_flood,
    "studies/deep-study-file.rs" as deep_study_file,
    "studies/escape-in-the-title.rs" as escape_in_the_title,
    "studies/exact-over-patients.rs" as exact_over_patients,
    "studies/free-text-parameter.rs" as free_text_parameter,
    "studies/huth-covariance.rs" as huth_covariance,
    "studies/margin-output.rs" as margin_output,
    "studies/mean-of-all-but-one.rs" as mean_of_all_but_one,
    "studies/difference-across-studies.rs" as difference_across_studies,
    "studies/memory-is-a-bit.rs" as memory_is_a_bit,
    "studies/near-same-module.rs" as near_same_module,
    "studies/next-epoch.rs" as next_epoch,
    "studies/negative-mask.rs" as negative_mask,
    "studies/nested-outputs.rs" as nested_outputs,
    "studies/numerator-is-denominator.rs" as numerator_is_denominator,
    "studies/one-reviewer.rs" as one_reviewer,
    "studies/open-dimension.rs" as open_dimension,
    "studies/param-sweep.rs" as param_sweep,
    "studies/parameter-out-of-bounds.rs" as parameter_out_of_bounds,
    "studies/peeping-value.rs" as peeping_value,
    "studies/persons-of-sums.rs" as persons_of_sums,
    "studies/rerun-average.rs" as rerun_average,
    "studies/prohibited-purpose.rs" as prohibited_purpose,
    "studies/reviewed-by-a-stranger.rs" as reviewed_by_a_stranger,
    "studies/reviewed-by-its-author.rs" as reviewed_by_its_author,
    "studies/reviews-counted-twice.rs" as reviews_counted_twice,
    "studies/sensitive-column.rs" as sensitive_column,
    "studies/text-as-category.rs" as text_as_category,
    "studies/too-many-cells.rs" as too_many_cells,
    "studies/undeclared-nested-pair.rs" as undeclared_nested_pair,
    "studies/unit-key-as-column.rs" as unit_key_as_column,
    "studies/unsigned.rs" as unsigned,
    "studies/value-left-out.rs" as value_left_out,
    "studies/withheld-column.rs" as withheld_column,
    "studies/withheld-is-a-bit.rs" as withheld_is_a_bit,
    "studies/zero-within-bounds.rs" as zero_within_bounds,
}
