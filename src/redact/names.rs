//! Who is called what: pseudonyms, given in the order in which names are met.
//! In: names, and texts that hold them. Out: texts in which every word is known to be harmless, or a pseudonym.
//! Never: gives one name two pseudonyms, or two names one.

use super::words;
use regex::Regex;
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

/// What a pseudonym stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Node,
    Storage,
    User,
    /// Anything else that has a name.
    Other,
    Address4,
    Address6,
    Card,
    Number32,
    Uuid,
    Serial,
}

/// Endings of files and units that tell nothing.
const ENDINGS: [&str; 20] = [
    ".service", ".socket", ".target", ".timer", ".mount", ".scope", ".slice", ".conf", ".cfg",
    ".log", ".gz", ".zst", ".vma", ".qcow2", ".raw", ".tmp", ".pem", ".key", ".local", ".lock",
];
/// Interfaces of guests: `tap101i0`.
const INTERFACES: [&str; 5] = ["tap", "veth", "fwbr", "fwpr", "fwln"];
/// What volumes of guests are called: `vm-101-disk-0`.
const VOLUMES: [&str; 4] = ["vm", "subvol", "base", "lock"];
/// The first guest of pseudonyms; Proxmox VE counts from 100 to 999999999.
const FIRST_GUEST: i64 = 900_000;
/// Digits of a number that may be the serial of something.
const SERIAL_DIGITS: usize = 15;

/// Who says a text: what a number or a letter means depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// corosync: numbers are never guests, and letters may be hexadecimal.
    Ring,
    /// pmxcfs, which names nodes by their ids in the ring.
    FileSystem,
    Other,
}

impl Speaker {
    pub fn of(programs: &[&str]) -> Speaker {
        match programs {
            _ if programs.contains(&"corosync") => Speaker::Ring,
            _ if programs.contains(&"pmxcfs") => Speaker::FileSystem,
            _ => Speaker::Other,
        }
    }
}

/// Names and their pseudonyms.
#[derive(Debug, Default)]
pub struct Names {
    given: HashMap<String, String>,
    counts: HashMap<Sort, u64>,
    guests: HashMap<i64, i64>,
}

/// Whether a word may hold it.
pub fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// What is looked at as a whole first: addresses, users, volumes.
fn is_of_chunk(c: char) -> bool {
    is_of_word(c) || matches!(c, ':' | '@' | '!' | '+')
}

impl Names {
    pub fn node(&mut self, name: &str) -> String {
        // What an address is called stays one: where a host is written by its address, it is read as one.
        if let Some(address) = self.address(name) {
            return address;
        }
        match name.split_once('.') {
            Some((short, domain)) if !short.is_empty() && !domain.is_empty() => {
                self.full_name(short, domain)
            }
            _ => self.given(Sort::Node, name),
        }
    }

    /// Of a host's full name each part stands for itself: its short name is used, too.
    fn full_name(&mut self, short: &str, domain: &str) -> String {
        let short = self.given(Sort::Node, short);
        format!("{short}.{}", self.given(Sort::Other, domain))
    }

    pub fn storage(&mut self, name: &str) -> String {
        self.given(Sort::Storage, name)
    }

    /// `NAME@REALM`, or without a realm.
    pub fn user(&mut self, name: &str) {
        let user = name.split(['@', '!']).next().unwrap_or(name);
        if !user.is_empty() && !words::is_known(user) {
            self.given(Sort::User, user);
        }
    }

    /// A boot or a machine.
    pub fn number32(&mut self, id: &str) -> String {
        self.given(Sort::Number32, id)
    }

    fn given(&mut self, sort: Sort, name: &str) -> String {
        if let Some(given) = self.given.get(name) {
            return given.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let n = *count;
        let given = match sort {
            Sort::Node => format!("xnode{n}"),
            Sort::Storage => format!("xstore{n}"),
            Sort::User => format!("xuser{n}"),
            Sort::Other => format!("xname{n}"),
            // Kept free for measurements (RFC 2544), for documents (RFC 3849), and for cards that nobody sold.
            Sort::Address4 => Ipv4Addr::from(0xc612_0000 | (n as u32 & 0x1_ffff)).to_string(),
            Sort::Address6 => format!("2001:db8::{:x}:{:x}", n >> 16 & 0xffff, n & 0xffff),
            Sort::Card => {
                let bytes: Vec<String> = (n as u32)
                    .to_be_bytes()
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect();
                format!("02:00:{}", bytes.join(":"))
            }
            Sort::Number32 => format!("{n:032x}"),
            Sort::Uuid => format!("00000000-0000-4000-8000-{n:012x}"),
            Sort::Serial => format!("{n:0width$}", width = name.len()),
        };
        self.given.insert(name.to_owned(), given.clone());
        given
    }

    /// Remembers numbers that are those of guests.
    pub fn learn_guests(&mut self, text: &str) {
        static GUESTS: OnceLock<Option<Regex>> = OnceLock::new();
        let pattern = r"(?x)
            \b(?i:vm|ct|vmid|guest|container|qemu|lxc|machine|snapshot)[\ :\#'/]{1,2}(\d{3,9})\b
            | \b(?:vm|subvol|base|lock)-(\d{3,9})\b
            | \b(?:tap|veth|fwbr|fwpr|fwln)(\d{3,9})[ip]\d
            | /(\d{3,9})\.conf\b
            | \bpve-vm-[\d.]+/(\d{3,9})\b
            | \b(\d{3,9})\.(?:scope|vma|log|qmp|vnc)\b
            | UPID:(?:[^:\s]*:){5}(\d{3,9}):
            | \bpve-(?:container|guest)@(\d{3,9})\b
            | \b(\d{3,9})-\d{1,3}:
            | \b(?:qm|pct|vzdump)\ (?:\w+\ )?(\d{3,9})\b";
        // The pattern is a constant, and a test compiles it.
        let Some(guests) = GUESTS.get_or_init(|| Regex::new(pattern).ok()) else {
            return;
        };
        for found in guests.captures_iter(text) {
            let digits = found.iter().skip(1).flatten().next();
            if let Some(id) = digits.and_then(|digits| digits.as_str().parse().ok()) {
                self.guest(id);
            }
        }
        // A backup lists its guests.
        if let Some((_, list)) = text.split_once("vzdump ") {
            let ids = list.split([' ', ',']).map_while(|word| word.parse().ok());
            for id in ids {
                self.guest(id);
            }
        }
    }

    fn guest(&mut self, id: i64) -> i64 {
        let next = FIRST_GUEST + 1 + self.guests.len() as i64;
        *self.guests.entry(id).or_insert(next)
    }

    /// Whether one number stands for the other.
    pub fn stands_for(&self, old: i64, new: i64) -> bool {
        let address = |n: i64| Some(Ipv4Addr::from(u32::try_from(n).ok()?).to_string());
        let of_address = address(old).and_then(|old| self.given.get(&old));
        self.guests.get(&old) == Some(&new)
            || of_address.is_some_and(|of| address(new).as_ref() == Some(of))
    }

    /// `text` with pseudonyms. `names_first` makes a name of what could be a common word, too.
    pub fn replaced(&mut self, text: &str, speaker: Speaker, names_first: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_of_chunk) {
            out.push_str(&spoken(&rest[..start]));
            let from = &rest[start..];
            let end = from.find(|c| !is_of_chunk(c)).unwrap_or(from.len());
            let chunk = &from[..end];
            // What ends a sentence belongs to no name.
            let trimmed = chunk.trim_end_matches(['.', ':', '!', '-', '+']);
            let is_pid =
                text[..text.len() - from.len()].ends_with('[') && from[end..].starts_with(']');
            let is_last = matches!(&from[end..], ">" | "…");
            if is_last && trimmed.matches('.').count() > 1 {
                // May be the beginning of an address.
                out.push_str(&self.given(Sort::Other, trimmed));
                out.push_str(&chunk[trimmed.len()..]);
                rest = &from[end..];
                continue;
            }
            let is_cut = is_last && words::begins_one(trimmed);
            match is_cut || is_pid && trimmed.bytes().all(|b| b.is_ascii_digit()) {
                true => out.push_str(trimmed),
                false => self.chunk(trimmed, speaker, names_first, &mut out),
            }
            out.push_str(&chunk[trimmed.len()..]);
            rest = &from[end..];
        }
        out.push_str(&spoken(rest));
        out
    }

    fn chunk(&mut self, chunk: &str, speaker: Speaker, names_first: bool, out: &mut String) {
        let plain = chunk.trim_start_matches('-');
        out.push_str(&chunk[..chunk.len() - plain.len()]);
        let chunk = plain;
        if chunk.is_empty() {
            return;
        }
        if words::is_known(chunk) && !(names_first && self.given.contains_key(chunk)) {
            out.push_str(chunk);
            return;
        }
        if let Some(given) = self.given.get(chunk) {
            out.push_str(given);
            return;
        }
        if let Some(address) = self.address(chunk) {
            out.push_str(&address);
            return;
        }
        if is_stamp(chunk) {
            out.push_str(chunk);
            return;
        }
        if let Some(task) = chunk.strip_prefix("UPID:") {
            out.push_str("UPID");
            for (n, part) in task.split(':').enumerate() {
                out.push(':');
                // Behind the node: process, its start and the time, all of them hexadecimal, and what the task does.
                let process = (1..=3).contains(&n) && part.bytes().all(|b| b.is_ascii_hexdigit());
                let type_of_task = n == 4 && part.bytes().all(|b| b.is_ascii_lowercase());
                match process || type_of_task {
                    true => out.push_str(part),
                    false => self.chunk(part, speaker, names_first, out),
                }
            }
            return;
        }
        // Parts that are joined by what no name holds; the joints stay.
        for joint in [':', '@', '!', '+'] {
            if let Some((left, right)) = chunk.split_once(joint) {
                if joint == '@' && !left.is_empty() {
                    self.user(left);
                }
                self.chunk(left, speaker, names_first, out);
                out.push(joint);
                self.chunk(right, speaker, names_first, out);
                return;
            }
        }
        self.word(chunk, speaker, names_first, out);
    }

    fn word(&mut self, word: &str, speaker: Speaker, names_first: bool, out: &mut String) {
        if let Some(said) = self.id_of_node(word, speaker) {
            out.push_str(&said);
            return;
        }
        let is_inode = |word: &str| word.len() == 16 && word.bytes().all(is_upper_hex);
        if speaker == Speaker::FileSystem && is_inode(word) {
            out.push_str(word);
            return;
        }
        if is_number(word, speaker == Speaker::Ring) {
            let guest = word.parse().ok().and_then(|id: i64| self.guests.get(&id));
            match guest.filter(|_| speaker != Speaker::Ring) {
                Some(guest) => out.push_str(&guest.to_string()),
                None if word.len() >= SERIAL_DIGITS && word.bytes().all(|b| b.is_ascii_digit()) => {
                    out.push_str(&self.given(Sort::Serial, word));
                }
                None => out.push_str(word),
            }
            return;
        }
        if is_interface(word) || is_device(word) {
            out.push_str(word);
            return;
        }
        if let Some(node) = word
            .strip_prefix("ha_agent_")
            .and_then(|rest| rest.strip_suffix("_lock"))
        {
            let node = self.node(node);
            out.push_str(&format!("ha_agent_{node}_lock"));
            return;
        }
        for ending in ENDINGS {
            if let Some(stem) = word.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
                self.chunk(stem, speaker, names_first, out);
                out.push_str(ending);
                return;
            }
        }
        if let Some(said) = self.of_guest(word) {
            out.push_str(&said);
            return;
        }
        // A full name of a host whose short one is known.
        let is_node = |short| {
            let given = self.given.get(short);
            given.is_some_and(|given: &String| given.starts_with("xnode"))
        };
        if let Some((short, domain)) = word.split_once('.').filter(|(short, _)| is_node(*short)) {
            out.push_str(&self.full_name(short, domain));
            return;
        }
        out.push_str(&self.given(Sort::Other, word));
    }

    /// A node's id where nobody gave it one: corosync then takes its address for a number. `3232261507`, or `c0a86583.5e4`
    /// as the one that a ring is called for.
    fn id_of_node(&mut self, word: &str, speaker: Speaker) -> Option<String> {
        // Ids that somebody gave are small; so are the numbers of processes.
        const LEAST: u32 = 1 << 24;
        if speaker == Speaker::Other {
            return None;
        }
        let (id, ring) = match word.split_once('.') {
            Some((id, ring)) => (u32::from_str_radix(id, 16).ok()?, Some(ring)),
            None => (word.parse().ok()?, None),
        };
        let is_ring = |ring: &str| ring.bytes().all(|b| b.is_ascii_hexdigit());
        if id < LEAST || !ring.is_none_or(is_ring) {
            return None;
        }
        let address = self.given(Sort::Address4, &Ipv4Addr::from(id).to_string());
        let given = u32::from(address.parse::<Ipv4Addr>().ok()?);
        Some(match ring {
            Some(ring) => format!("{given:x}.{ring}"),
            None => given.to_string(),
        })
    }

    /// `tap101i0`, `vm-101-disk-0`, `101-0` with the pseudonym of the guest.
    fn of_guest(&mut self, word: &str) -> Option<String> {
        let digits = |text: &str| {
            text.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len())
        };
        for prefix in INTERFACES {
            if let Some(rest) = word.strip_prefix(prefix) {
                let (id, end) = rest.split_at(digits(rest));
                let numbered = end.len() >= 2
                    && end.starts_with(['i', 'p'])
                    && end[1..]
                        .bytes()
                        .all(|b| b.is_ascii_digit() || b == b'i' || b == b'p');
                if let Ok(id) = id.parse()
                    && numbered
                {
                    return Some(format!("{prefix}{}{end}", self.guest(id)));
                }
            }
        }
        for prefix in VOLUMES {
            if let Some(rest) = word
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('-'))
            {
                let (id, end) = rest.split_at(digits(rest));
                let Ok(id) = id.parse() else { continue };
                let kind = end.trim_start_matches('-');
                let is_plain = ["", "cloudinit"].contains(&kind)
                    || kind
                        .strip_prefix("disk-")
                        .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
                let guest = self.guest(id);
                return Some(match is_plain {
                    true => format!("{prefix}-{guest}{end}"),
                    false => format!("{prefix}-{guest}-{}", self.given(Sort::Other, kind)),
                });
            }
        }
        let (id, end) = word.split_at(digits(word));
        let job = end.strip_prefix('-')?;
        let id: i64 = id.parse().ok()?;
        (self.guests.contains_key(&id) && job.bytes().all(|b| b.is_ascii_digit()))
            .then(|| format!("{}{end}", self.guest(id)))
    }

    /// The pseudonym of an address, with its port.
    fn address(&mut self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
        if text.len() == 32 && hex(text) {
            return Some(self.given(Sort::Number32, text));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| hex(part)) {
            return Some(self.given(Sort::Uuid, text));
        }
        let pairs: Vec<&str> = text.split([':', '-']).collect();
        if pairs.len() == 6 && pairs.iter().all(|pair| pair.len() == 2 && hex(pair)) {
            return Some(self.given(Sort::Card, text));
        }
        if text.parse::<Ipv4Addr>().is_ok() {
            return Some(self.given(Sort::Address4, text));
        }
        if bytes.iter().filter(|b| **b == b':').count() >= 2 && text.parse::<Ipv6Addr>().is_ok() {
            return Some(self.given(Sort::Address6, text));
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        (is_port && host.parse::<Ipv4Addr>().is_ok())
            .then(|| format!("{}:{port}", self.given(Sort::Address4, host)))
    }
}

/// What stands between words: letters of scripts without words stay out.
fn spoken(between: &str) -> String {
    let harmless = |c: &char| {
        c.is_ascii()
            || matches!(
                c,
                '—' | '–'
                    | '‘'
                    | '’'
                    | '“'
                    | '”'
                    | '●'
                    | '→'
                    | '…'
                    | '└'
                    | '─'
                    | '│'
                    | '├'
                    | '|'
                    | '\u{a0}'
            )
    };
    between.chars().filter(harmless).collect()
}

/// `2026-11-21T10:00:08.000400+00:00`, `10:00:08`, `2026-11-21`: digits, what parts them, and a zone.
fn is_stamp(chunk: &str) -> bool {
    let parts = |c: char| matches!(c, ':' | '-' | '.' | '+' | 'T' | 'Z' | '_');
    chunk.contains([':', '-'])
        && chunk.starts_with(|c: char| c.is_ascii_digit())
        && chunk.len() <= 40
        && chunk.chars().all(|c| c.is_ascii_digit() || parts(c))
        && chunk.split(parts).all(|digits| digits.len() <= 9)
        && chunk
            .split([':', 'T'])
            .filter(|part| part.len() >= 2)
            .count()
            >= 2
        || is_date(chunk)
}

fn is_date(chunk: &str) -> bool {
    let lengths: Vec<usize> = chunk.split('-').map(str::len).collect();
    lengths == [4, 2, 2] && chunk.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

/// `eno1`, `enp3s0f1`, `vmbr0`: as the kernel or an installer calls a card or bridge, by where it is.
fn is_interface(word: &str) -> bool {
    ["eno", "ens", "enp", "eth", "vmbr", "bond"]
        .iter()
        .filter_map(|prefix| word.strip_prefix(prefix))
        .any(|place| {
            place.len() <= 8
                && place.starts_with(|c: char| c.is_ascii_digit())
                && place
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, 's' | 'f' | 'd' | 'n' | 'p' | '.'))
        })
}

/// `ata3.00`, `mon1`, `connection1`: as the kernel counts what it talks to.
fn is_device(word: &str) -> bool {
    ["ata", "mon", "osd", "connection", "session", "watchdog"]
        .iter()
        .filter_map(|prefix| word.strip_prefix(prefix))
        .any(|number| {
            number.len() <= 5
                && number.starts_with(|c: char| c.is_ascii_digit())
                && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
}

fn is_upper_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'A'..=b'F').contains(&b)
}

/// `14`, `3.1.7`, `0x1f`, `5266ms`, `6.8.12-4-pve`; in the ring `1.2a8` and `a3f` too.
fn is_number(word: &str, in_ring: bool) -> bool {
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let word = word.strip_prefix('-').unwrap_or(word);
    // Processes and instants as pmxcfs and tasks write them.
    if word.len() == 8 && word.bytes().all(is_upper_hex) {
        return true;
    }
    if let Some(rest) = word.strip_prefix("0x") {
        return hex(rest) && rest.len() <= 8;
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let kernel = word.strip_suffix("-pve").unwrap_or(word);
        // The build of a version: `6.8.12-4`.
        let kernel = match kernel.rsplit_once('-') {
            Some((version, build))
                if version.contains('.') && build.bytes().all(|b| b.is_ascii_digit()) =>
            {
                version
            }
            _ => kernel,
        };
        let digits = kernel.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        let unit = &kernel[digits.len()..];
        let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
        let units = [
            "", "s", "ms", "us", "ns", "m", "h", "d", "min", "K", "M", "G", "T", "KB", "MB", "GB",
            "TB", "KiB", "MiB", "GiB", "TiB", "kB", "B", "Mbps", "Gbps", "Hz", "MHz", "GHz", "th",
            "st", "nd", "rd",
        ];
        if plain && units.contains(&unit) {
            return true;
        }
    }
    let ring = |text: &str| text.split('.').all(hex) && text.len() <= 20;
    // Of what is called `cafe` nobody knows; a number of a ring has a digit in nearly every case.
    in_ring && ring(word) && (word.bytes().any(|b| b.is_ascii_digit()) || word.len() <= 2)
}
