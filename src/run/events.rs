//! Typed events, one JSON object a line: the seam for other tools.
//! In: events. Out: JSON lines under names that never change.
//! Never: what only the state machines know.

use crate::event::Event;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io::{self, Write};

/// An event with the name of its input, as it is written.
pub struct EventLine<'a> {
    /// The input's name.
    pub input: &'a str,
    /// The event.
    pub event: &'a Event,
}

impl Serialize for EventLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("input", self.input)?;
        out.serialize_entry("line", &event.place.line)?;
        out.serialize_entry("at", &event.at)?;
        out.serialize_entry("node", &event.host)?;
        out.serialize_entry("program", &event.program)?;
        out.serialize_entry("pid", &event.pid)?;
        out.serialize_entry("kind", event.kind.name())?;
        if event.repeat > 1 {
            out.serialize_entry("repeat", &event.repeat)?;
        }
        for (name, value) in event.kind.fields() {
            // A field may not take the place of what every event has: a node id in a message is not the node that logs.
            let name = match name {
                "input" | "line" | "at" | "node" | "program" | "pid" | "kind" | "text" => {
                    own_name(name)
                }
                other => other,
            };
            out.serialize_entry(name, &value)?;
        }
        out.serialize_entry("text", &*event.text)?;
        out.end()
    }
}

/// The name of a message's own field where an event has one of the same name.
fn own_name(name: &'static str) -> &'static str {
    match name {
        "node" => "about_node",
        "pid" => "about_pid",
        "line" => "about_line",
        "program" => "about_program",
        "kind" => "about_kind",
        "text" => "about_text",
        other => other,
    }
}

/// Writes one event as one line.
pub fn write(line: &EventLine<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Writes every kind of event with its fields and a sample, and every change that patterns may name.
pub fn write_kinds(out: &mut dyn Write) -> io::Result<()> {
    let mut last = "";
    for sample in crate::event::vocabulary() {
        if sample.name != last {
            writeln!(out, "{}{}", sample.name, fields(sample.fields))?;
            writeln!(out, "    {}", sample.message)?;
        }
        last = sample.name;
    }
    writeln!(out, "\nchanges of the state machines, for patterns")?;
    for sample in crate::cluster::ChangeKind::VOCABULARY {
        writeln!(out, "{}{}", sample.name, fields(sample.fields))?;
    }
    Ok(())
}

fn fields(names: &[&str]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("  ({})", names.join(", "))
    }
}
