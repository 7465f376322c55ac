//! One pattern at work.
//! In: the facts that it names, in order. Out: matches on the shelf.
//! Never: sees another pattern's matches.

use super::file::Pattern;
use super::form::{Count, Form};
use super::gate::{Gate, NEAR_EVENTS, Relation, is_near, is_within, refutes};
use super::live::{Live, overlay};
use super::shelf::Shelf;
use super::steps::Stories;
use super::window::Window;
use super::{Fact, condition};
use crate::model::{Fields, Observer, Span, Timestamp, When};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How much earlier than the latest fact a later one may be stamped and still join what ended before it.
const LATE: Span = Span(60_000_000);
/// Facts that wait for what may refute them.
const QUEUE_MAX: usize = 10_000;
/// Windows that have not reached their threshold, or have.
const WINDOWS_MAX: usize = 2_000;
/// Facts between two looks at what time has ended.
const FACTS_PER_SWEEP: u32 = 256;

/// What keys live matches: the node, unless the scope is the cluster, and the subject.
type Key = (Option<Observer>, Option<String>);

/// A pattern and all that it waits for.
pub(super) struct Runner {
    pattern: Arc<Pattern>,
    relation: Arc<Relation>,
    gates: Vec<Gate>,
    queue: VecDeque<Waiting>,
    live: BTreeMap<Key, Live>,
    windows: BTreeMap<Key, Window>,
    stories: Stories,
    facts: u32,
    /// Before this log time nothing here changes without a fact; unknown after each.
    quiet_until: Option<Timestamp>,
}

/// A fact that may still be refuted, or that came after one that may.
struct Waiting {
    fact: Fact,
    roles: Vec<usize>,
    after: Option<Span>,
}

impl Runner {
    pub fn new(pattern: Arc<Pattern>) -> Runner {
        Runner {
            relation: Arc::new(Relation::new(&pattern)),
            gates: pattern.form.clauses().map(|_| Gate::default()).collect(),
            pattern,
            queue: VecDeque::new(),
            live: BTreeMap::new(),
            windows: BTreeMap::new(),
            stories: Stories::default(),
            facts: 0,
            quiet_until: None,
        }
    }

    /// Takes a fact that the pattern names.
    pub fn see(&mut self, fact: &Fact, shelf: &mut Shelf) {
        self.quiet_until = None;
        let pattern = Arc::clone(&self.pattern);
        let clauses = || pattern.form.clauses().enumerate();
        let relation = &self.relation;
        let gates = &mut self.gates;
        let roles: Vec<usize> = clauses()
            .filter(|(role, clause)| gates[*role].admits(clause, fact, relation))
            .map(|(role, _)| role)
            .collect();
        for waiting in &mut self.queue {
            waiting.roles.retain(|role| {
                pattern.form.clause(*role).is_none_or(|clause| {
                    !clause.unless.as_ref().is_some_and(|unless| {
                        let early = &waiting.fact;
                        unless
                            .after
                            .is_some_and(|after| is_near(early.when, fact.when, after.0))
                            && refutes(unless, fact)
                            && relation.agree(
                                &early.fields,
                                early.node,
                                &unless.same,
                                &fact.fields,
                                fact.node,
                            )
                    })
                })
            });
        }
        for (role, clause) in clauses() {
            gates[role].remember(clause, fact);
        }
        let after = roles
            .iter()
            .filter_map(|role| pattern.form.clause(*role)?.unless.as_ref()?.after)
            .map(|length| length.0)
            .max();
        if self.queue.is_empty() && after.is_none() {
            self.act(fact, &roles, shelf);
        } else {
            self.queue.push_back(Waiting {
                fact: fact.clone(),
                roles,
                after,
            });
            self.release(fact.when, shelf);
        }
        self.facts = self.facts.wrapping_add(1);
        if self.facts.is_multiple_of(FACTS_PER_SWEEP) {
            self.sweep(fact.when, shelf);
        }
    }

    /// Lets log time reach `now`.
    pub fn tick(&mut self, now: When, shelf: &mut Shelf) {
        let quiet = self.quiet_until.zip(now.at);
        if self.is_idle() || quiet.is_some_and(|(until, now)| now < until) {
            return;
        }
        self.release(now, shelf);
        self.sweep(now, shelf);
        self.quiet_until = self.next_end();
    }

    /// The log time before which nothing here changes without a fact, if that is known.
    pub fn quiet_until(&self) -> Option<Timestamp> {
        match self.is_idle() {
            true => Some(Timestamp::LATEST),
            false => self.quiet_until,
        }
    }

    /// When the first of what waits here for time to pass has waited long enough, if that is known.
    fn next_end(&self) -> Option<Timestamp> {
        if !self.queue.is_empty() || !self.stories.is_empty() {
            return None;
        }
        let fold = self.fold();
        let retired = self.live.values().filter(|live| !live.is_open());
        let retired = retired.map(|live| Some(live.end().at?.plus(fold?)));
        let slid = self.windows.values().map(|window| {
            let Form::Count(count) = &self.pattern.form else {
                return None;
            };
            Some(window.oldest()?.at?.plus(count.within))
        });
        let mut earliest = Timestamp::LATEST;
        for end in retired.chain(slid) {
            earliest = earliest.min(end?);
        }
        Some(earliest)
    }

    /// How long a match that has ended waits for more.
    fn fold(&self) -> Option<Span> {
        let fold = self.pattern.fold?;
        Some(Span(fold.0.saturating_add(LATE.0)))
    }

    /// Whether nothing here depends on the time.
    fn is_idle(&self) -> bool {
        self.queue.is_empty()
            && self.live.is_empty()
            && self.windows.is_empty()
            && self.stories.is_empty()
    }

    /// The log is over: what waits was not refuted, what is open stays open.
    pub fn finish(mut self, end: When, shelf: &mut Shelf) {
        while let Some(waiting) = self.queue.pop_front() {
            self.act(&waiting.fact, &waiting.roles, shelf);
        }
        self.slide_windows(end, shelf);
        for (_, mut live) in std::mem::take(&mut self.live) {
            live.end_log(end);
            live.judge();
            shelf.put(live);
        }
    }

    /// Acts on the waiting facts that nothing can refute any more, in order.
    fn release(&mut self, now: When, shelf: &mut Shelf) {
        while let Some(front) = self.queue.front() {
            let waits = front
                .after
                .is_some_and(|after| match now.since(front.fact.when) {
                    Some(passed) => passed <= after,
                    None => now.order <= front.fact.when.order + NEAR_EVENTS,
                });
            if waits && !front.roles.is_empty() && self.queue.len() <= QUEUE_MAX {
                break;
            }
            if let Some(waiting) = self.queue.pop_front() {
                self.act(&waiting.fact, &waiting.roles, shelf);
            }
        }
    }

    fn act(&mut self, fact: &Fact, roles: &[usize], shelf: &mut Shelf) {
        let pattern = Arc::clone(&self.pattern);
        match &pattern.form {
            Form::On(_) if roles.is_empty() => {}
            Form::On(_) => self.happen(std::slice::from_ref(fact), &Fields::new(), shelf),
            Form::Span { .. } => self.span(fact, roles, shelf),
            Form::Count(count) if !roles.is_empty() => self.count(count, fact, shelf),
            Form::Count(_) => {}
            Form::Steps(steps) => {
                for (n, step) in steps.iter().enumerate() {
                    if let Some(unless) = &step.clause.unless
                        && unless.is_between()
                    {
                        self.stories.refute(n, unless, fact, &self.relation);
                    }
                }
                // Last step first: one fact is one step of a story.
                for n in roles.iter().rev() {
                    for story in self.stories.step(steps, *n, fact, &self.relation) {
                        self.happen(&story.facts, &story.kept, shelf);
                    }
                }
            }
        }
    }

    /// Something that is complete by itself.
    fn happen(&mut self, facts: &[Fact], kept: &Fields, shelf: &mut Shelf) {
        let Some(first) = facts.first() else { return };
        let key = self.key(facts, kept);
        let Some(live) = self.join_or_begin(&key, first, false, shelf) else {
            return;
        };
        for (n, fact) in facts.iter().enumerate() {
            live.take(fact, u64::from(n == 0), kept);
        }
        live.judge();
        shelf.tell_growth(live);
        if self.pattern.fold.is_none() {
            self.retire(&key, shelf);
        }
    }

    fn span(&mut self, fact: &Fact, roles: &[usize], shelf: &mut Shelf) {
        let is = |role: usize| roles.contains(&role);
        if is(2) {
            self.end_spans(2, fact, shelf);
        }
        let closed = is(1) && self.end_spans(1, fact, shelf);
        // What closes a span does not open one.
        if !is(0) || closed {
            return;
        }
        let key = self.key(std::slice::from_ref(fact), &Fields::new());
        let is_open = self.live.get(&key).is_some_and(Live::is_open);
        if let Some(live) = self.join_or_begin(&key, fact, is_open, shelf) {
            live.take(fact, 1, &Fields::new());
            live.open(fact.when);
            live.judge();
            shelf.tell_growth(live);
        }
    }

    /// Ends every open span that `fact` belongs to; says whether there was one.
    fn end_spans(&mut self, role: usize, fact: &Fact, shelf: &mut Shelf) -> bool {
        let pattern = Arc::clone(&self.pattern);
        let Some(clause) = pattern.form.clause(role) else {
            return false;
        };
        let mut ended = Vec::new();
        for (key, live) in &mut self.live {
            let shown = live.shown();
            if !live.is_open()
                || !self.relation.agree(
                    &shown.details,
                    shown.node,
                    &clause.same,
                    &fact.fields,
                    fact.node,
                )
            {
                continue;
            }
            if role == 2 {
                live.cut(fact);
            } else {
                live.take(fact, 0, &Fields::new());
                live.close(fact.when);
            }
            live.judge();
            shelf.tell_end(live);
            ended.push(key.clone());
        }
        if pattern.fold.is_none() {
            for key in &ended {
                self.retire(key, shelf);
            }
        }
        !ended.is_empty()
    }

    fn count(&mut self, count: &Count, fact: &Fact, shelf: &mut Shelf) {
        let weight = count.weight.as_ref().map_or(1, |field| {
            let value = condition::lookup(&fact.fields, field.get_ref());
            value.and_then(|v| v.as_f64()).map_or(1, |x| x as u64)
        });
        if weight == 0 {
            return;
        }
        let key = self.key(std::slice::from_ref(fact), &Fields::new());
        let mut window = self.windows.remove(&key).unwrap_or_else(Window::new);
        window.slide(fact.when, count.within);
        if !window.has_taken() {
            self.end_count(&key, shelf);
        }
        window.add(fact, weight);
        if window.total() >= *count.at_least.get_ref() {
            let goes_on = window.has_taken();
            let taken = window.take();
            if let Some((first, _)) = taken.first()
                && let Some(live) = self.join_or_begin(&key, first, goes_on, shelf)
            {
                for (fact, weight) in &taken {
                    live.take(fact, *weight, &Fields::new());
                }
                live.open(first.when);
                live.judge();
                shelf.tell_growth(live);
            }
        }
        self.windows.insert(key, window);
        if self.windows.len() > WINDOWS_MAX {
            self.slide_windows(fact.when, shelf);
            let oldest = self
                .windows
                .iter()
                .min_by_key(|(_, window)| window.latest());
            let oldest = oldest.map(|(key, _)| key.clone());
            if let (true, Some(key)) = (self.windows.len() > WINDOWS_MAX, oldest) {
                self.windows.remove(&key);
                self.end_count(&key, shelf);
            }
        }
    }

    /// Ends the match of a window that holds none of its facts any more.
    fn end_count(&mut self, key: &Key, shelf: &mut Shelf) {
        if let Some(live) = self.live.get_mut(key)
            && live.is_open()
        {
            live.close(live.end());
            live.judge();
            shelf.tell_end(live);
            if self.pattern.fold.is_none() {
                self.retire(key, shelf);
            }
        }
    }

    fn slide_windows(&mut self, now: When, shelf: &mut Shelf) {
        let Form::Count(count) = &self.pattern.form else {
            return;
        };
        let mut over = Vec::new();
        for (key, window) in &mut self.windows {
            window.slide(now, count.within);
            if !window.has_taken() && self.live.get(key).is_some_and(Live::is_open) {
                over.push(key.clone());
            }
        }
        for key in over {
            self.end_count(&key, shelf);
        }
        self.windows.retain(|_, window| !window.is_empty());
    }

    /// The live match that `first` joins, or a new one if there is room for it.
    fn join_or_begin(
        &mut self,
        key: &Key,
        first: &Fact,
        goes_on: bool,
        shelf: &mut Shelf,
    ) -> Option<&mut Live> {
        let fold = self.pattern.fold;
        let joins = self.live.get(key).is_some_and(|live| {
            goes_on || fold.is_some() && is_within(live.end(), first.when, fold)
        });
        if !joins {
            self.retire(key, shelf);
            if !shelf.make_room(self.pattern.severity) {
                return None;
            }
            let (node, subject) = key.clone();
            let live = Live::new(&self.pattern, node, subject, first, shelf.lines_max());
            self.live.insert(key.clone(), live);
        }
        self.live.get_mut(key)
    }

    fn retire(&mut self, key: &Key, shelf: &mut Shelf) {
        if let Some(mut live) = self.live.remove(key) {
            shelf.tell_end(&mut live);
            shelf.put(live);
        }
    }

    /// Puts away what time has ended.
    fn sweep(&mut self, now: When, shelf: &mut Shelf) {
        match &self.pattern.form {
            Form::Steps(steps) => self.stories.expire(steps, now, LATE),
            Form::Count(_) => self.slide_windows(now, shelf),
            Form::On(_) | Form::Span { .. } => {}
        }
        let fold = self.fold();
        let over: Vec<Key> = self
            .live
            .iter()
            .filter(|(_, live)| !live.is_open() && !is_within(live.end(), now, fold))
            .map(|(key, _)| key.clone())
            .collect();
        for key in over {
            self.retire(&key, shelf);
        }
    }

    fn key(&self, facts: &[Fact], kept: &Fields) -> Key {
        let node = facts.iter().find_map(|fact| fact.node);
        let subject = self.pattern.subject.as_ref().map(|template| {
            let mut fields = Fields::new();
            for fact in facts {
                overlay(&mut fields, &fact.fields);
            }
            overlay(&mut fields, kept);
            template.get_ref().render(|name| {
                let value = condition::lookup(&fields, name);
                value.cloned().unwrap_or(crate::model::Value::Null)
            })
        });
        // What no field names is no subject.
        let subject = subject.filter(|subject| !subject.is_empty());
        (self.relation.key_node(node), subject)
    }
}
