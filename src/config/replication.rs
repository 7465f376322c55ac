//! replication.cfg, and the state of its jobs where somebody pasted it.
//! In: a document of sections; JSON of the state file. Out: `Job`s; `JobState`s.
//! Never: knows HA.

use super::section::{self, Section};
use super::text::{Document, Notes, Spot};

/// One job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// As it is written.
    pub section: Section,
    /// The guest.
    pub guest: u32,
    /// The node that gets the copy.
    pub target: Option<String>,
    /// The node it comes from, where the file says.
    pub source: Option<String>,
    /// When it runs; every 15 minutes when the file does not say.
    pub schedule: String,
    /// Switched off.
    pub disabled: bool,
    /// It is about to be removed.
    pub leaving: bool,
}

/// How a job stands, as `pvesr status` or the state file tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobState {
    /// `100-0`.
    pub job: String,
    /// Its last good run as seconds of some clock; `None` is none yet.
    pub last_sync: Option<i64>,
    /// Runs that failed since then.
    pub fails: u64,
    /// `OK`, `SYNCING`, or what went wrong.
    pub state: String,
    /// The line.
    pub at: Spot,
}

const KEYS: &[&str] = &[
    "target",
    "schedule",
    "rate",
    "disable",
    "remove_job",
    "source",
    "comment",
    "guest",
    "jobnum",
];

/// Reads the file.
pub fn parse(document: &Document, notes: &mut Notes) -> Vec<Job> {
    let mut jobs = Vec::new();
    for section in section::parse(document, &["local"], KEYS, notes) {
        let guest = section.id.split('-').next().and_then(|id| id.parse().ok());
        let Some(guest) = guest else {
            notes.broken(section.at, "the id of a job is GUEST-NUMBER");
            continue;
        };
        if section.get("target").is_none() {
            notes.broken(section.at.clone(), "a job without a target");
        }
        jobs.push(Job {
            guest,
            target: section.value("target").map(str::to_owned),
            source: section.value("source").map(str::to_owned),
            schedule: section.value("schedule").unwrap_or("*/15").to_owned(),
            disabled: section.is_set("disable"),
            leaving: section.get("remove_job").is_some(),
            section,
        });
    }
    jobs
}

impl Job {
    /// `100-0`.
    pub fn id(&self) -> &str {
        &self.section.id
    }

    /// Whether it runs at least once a day, so that a copy of yesterday is an old one.
    pub fn is_daily(&self) -> bool {
        let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let words = self.schedule.to_lowercase();
        let dated = words.contains('-') && words.split('-').count() > 2;
        !dated
            && !day.iter().any(|name| words.contains(name))
            && !["week", "month", "year", "quarter"]
                .iter()
                .any(|name| words.contains(name))
    }
}

/// The state file of one node: guest, job, and how it went.
pub fn states(document: &Document, notes: &mut Notes) -> Vec<JobState> {
    let mut states = Vec::new();
    let root = match serde_json::from_str::<serde_json::Value>(document.text) {
        Ok(root) => root,
        Err(why) => {
            notes.broken(document.head(), format!("no JSON: {why}"));
            return states;
        }
    };
    notes.understood += document.filled();
    for (guest, jobs) in root.as_object().into_iter().flatten() {
        for (key, state) in jobs.as_object().into_iter().flatten() {
            states.push(JobState {
                // The key is `local/target`; the file of jobs knows the number.
                job: format!("{guest}:{}", key.rsplit('/').next().unwrap_or(key)),
                last_sync: state["last_sync"].as_i64().filter(|at| *at > 0),
                fails: state["fail_count"].as_u64().unwrap_or(0),
                state: state["error"].as_str().unwrap_or("OK").trim().to_owned(),
                at: document.head(),
            });
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_and_their_schedules_are_read() {
        let text = "local: 100-0\n\ttarget oak\n\trate 10\n\nlocal: 101-1\n\ttarget ash\n\tschedule sat 02:00\n\tdisable 1\n\nlocal: x-0\n\ttarget oak\n";
        let mut notes = Notes::default();
        let jobs = parse(&Document::file("replication.cfg", text), &mut notes);
        assert_eq!(jobs.len(), 2);
        assert_eq!(
            (jobs[0].guest, jobs[0].target.as_deref()),
            (100, Some("oak"))
        );
        assert!(jobs[0].is_daily() && !jobs[0].disabled);
        assert!(!jobs[1].is_daily() && jobs[1].disabled);
        assert_eq!(notes.broken[0].0.line, 10);
    }

    #[test]
    fn the_state_file_names_guest_and_target() {
        let text =
            r#"{"100":{"local/oak":{"last_sync":1795338061,"fail_count":3,"error":"no route"}}}"#;
        let states = states(&Document::file("state.json", text), &mut Notes::default());
        assert_eq!((states[0].job.as_str(), states[0].fails), ("100:oak", 3));
    }
}
