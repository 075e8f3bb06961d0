//! Holds the engine's plans to the invariant `same cut`: inputs that are cut into partitions
//! differently are never paired.

use std::path::Path;
use std::sync::Arc;

use cloister_contract::cells::Layout;
use cloister_contract::frame::{person_frame_bytes_max, write_init};
use cloister_contract::job::{Job, Params};
use cloister_contract::study::Study;
use cloister_sandbox::{CallLimits, Sandbox, check};
use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::common::{ScalarValue, SplitPoint};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::logical_expr::{Extension, LogicalPlan, Partitioning, RangePartitioning};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionContext, col};

use super::accumulate::DigestKey;
use super::operator::PerPerson;
use super::partition::Work;
use super::{CellCaps, Memory, RunOptions};

const STUDY: &str = "[study]\nname = \"plan\"\nversion = \"1.0.0\"\ntitle = \"t\"\n\
    purpose = \"statistics\"\n[tables.rows]\ncolumns = { x = \"int\" }\nrows_max = 9\n\
    [outputs]\nn = { kind = \"count\" }\n[limits]\nmemory_pages = 2\n";

/// Work that is never run: a plan needs one.
fn work() -> Arc<Work> {
    let module = format!(
        r#"(module (import "cloister" "contribute" (func (param i32 i64 f64)))
        (memory (export "memory") 1)
        (func (export "cloister_v1_arena") (param i32) (result i32) i32.const 0)
        (func (export "cloister_v1_init") (param i32 i32))
        (func (export "cloister_v1_person") (param i32 i32))
        (@custom "cloister.study" "{}"))"#,
        STUDY.replace('"', "\\\"").replace('\n', "\\n")
    );
    let checked = check(wat::parse_str(module).unwrap()).unwrap();
    let study = Study::parse("study.toml", STUDY).unwrap();
    let params = Params::bind(&study, &[]).unwrap();
    let layout = Layout::new(&study, &params).unwrap();
    let limits = CallLimits {
        fuel: 1_000,
        memory_bytes_max: 131_072,
        frame_bytes_max: person_frame_bytes_max(&study),
    };
    let job = Job::new(study, params, Vec::new(), "2020-01-01".parse().unwrap());
    let sandbox = Sandbox::new(&checked, write_init(&job).unwrap(), limits).unwrap();
    Arc::new(Work {
        job,
        layout,
        sandbox: Arc::new(sandbox),
        caps: CellCaps { per_output: 1, per_job: 1 },
        key: DigestKey::default(),
        present: vec![0],
        tally: Arc::default(),
        strict: true,
        notes: None,
    })
}

/// A table of two sorted files that declares to be cut at `cut`.
async fn ranged(session: &SessionContext, folder: &Path, cut: i64) -> LogicalPlan {
    std::fs::create_dir(folder).unwrap();
    for (name, keys) in [("a", vec![1, 2, 3]), ("b", vec![101, 102])] {
        let column: ArrayRef = Arc::new(Int64Array::from(keys));
        let batch = RecordBatch::try_from_iter([("__unit", column)]).unwrap();
        let file = std::fs::File::create(folder.join(name).with_extension("parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    let order = vec![col("__unit").sort(true, false)];
    let cuts = vec![SplitPoint::new(vec![ScalarValue::Int64(Some(cut))])];
    let range = Partitioning::Range(RangePartitioning::try_new(order.clone(), cuts).unwrap());
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_file_sort_order(vec![order])
        .with_output_partitioning(Some(range));
    let url = ListingTableUrl::parse(format!("{}/", folder.display())).unwrap();
    let config = ListingTableConfig::new(url).with_listing_options(options);
    let config = config.infer_schema(&session.state()).await.unwrap();
    let table = ListingTable::try_new(config).unwrap();
    session.read_table(Arc::new(table)).unwrap().into_unoptimized_plan()
}

/// The plan over two inputs cut at `cuts`, as text.
async fn plan(cuts: [i64; 2]) -> String {
    let folder = tempfile::tempdir().unwrap();
    // With one wanted partition the declared ranges are kept where they may be.
    let options = RunOptions { partitions: 1, memory: Memory::default() };
    let session = super::session(&options, true).unwrap();
    let units = ranged(&session, &folder.path().join("units"), cuts[0]).await;
    let rows = ranged(&session, &folder.path().join("rows"), cuts[1]).await;
    let node = Arc::new(PerPerson::new(vec![units, rows], work()).unwrap());
    let plan = LogicalPlan::Extension(Extension { node });
    let plan = session.state().create_physical_plan(&plan).await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

#[tokio::test]
async fn inputs_with_the_same_cut_are_paired_as_they_are() {
    let plan = plan([100, 100]).await;
    assert!(plan.contains("PerPersonExec"), "{plan}");
    assert!(!plan.contains("RepartitionExec") && !plan.contains("SortExec"), "{plan}");
    assert_eq!(plan.matches("output_partitioning=Range").count(), 2, "{plan}");
}

#[tokio::test]
async fn inputs_with_different_cuts_are_never_paired() {
    let plan = plan([100, 2]).await;
    let inputs: Vec<&str> = plan.split("DataSourceExec").collect();
    assert_eq!(inputs.len(), 3, "{plan}");
    // Both inputs are brought together first: by one partition, or by the same hash.
    let mended = ["CoalescePartitionsExec", "SortPreservingMergeExec", "RepartitionExec"];
    for input in &inputs[..2] {
        assert!(mended.iter().any(|operator| input.contains(operator)), "{plan}");
    }
}
