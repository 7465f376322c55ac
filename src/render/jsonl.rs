//! The contract as one JSON object a line, each with its `type`.
//! In: a `Report`, or one finding or incident that changed. Out: lines for jq, DuckDB and Spark.
//! Never: a field under another name than in the one object.

use super::json;
use crate::report::{Report, Tool};
use serde::Serialize;
use std::io::{self, Write};

/// A part of the report, and what it is.
#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'a str,
    #[serde(flatten)]
    value: &'a T,
}

/// What a stream begins with: which contract it keeps.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    tool: &'a Tool,
    remarks: &'a [String],
}

/// Writes one line: `value` with its fields, and `kind` as its `type`.
pub fn jsonl_update(kind: &str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let line = Line {
        r#type: kind,
        value,
    };
    json::line(&line, out)
}

/// Writes the whole report; the verdict comes last, when all that it rests on was said.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let head = Head {
        schema: report.schema,
        tool: &report.tool,
        remarks: &report.remarks,
    };
    jsonl_update("report", &head, out)?;
    all("input", &report.inputs, out)?;
    jsonl_update("cluster", &report.cluster, out)?;
    all("incident", &report.incidents, out)?;
    all("finding", &report.findings, out)?;
    all("boot", &report.boots, out)?;
    all("outage", &report.outages, out)?;
    jsonl_update("verdict", &report.verdict, out)
}

fn all<T: Serialize>(kind: &str, values: &[T], out: &mut dyn Write) -> io::Result<()> {
    values
        .iter()
        .try_for_each(|value| jsonl_update(kind, value, out))
}
