//! Where a line is.
//! In: counters of the readers. Out: a place that can be shown and compared, and a line that is kept with its text.
//! Never: a line that nothing is proved by.

use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// Which input; an index into the report's list of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(pub u32);

/// Where a line is: which source, and which line of it, counted from 1 over every line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The input.
    pub source: SourceId,
    /// Line number, from 1.
    pub line: u64,
}

/// A line that proves something, kept beyond its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it is.
    pub place: Place,
    /// Its own stamp.
    pub at: Option<super::Timestamp>,
    /// Its text.
    pub text: Text,
}

/// The text of a line, cut to what a reader needs, and where in it the message begins: what stands before tells when, where
/// and by whom, in the form of whoever wrote the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    /// A string and no slice, so that its room can be used again for the text of another line.
    whole: Arc<String>,
    /// Where the stamp ends, and what else the form puts before a line.
    tagged: u16,
    message: u16,
}

/// Bytes of a text whose room is kept for another: nearly every line fits, and a kept one wastes little.
const ROOM: usize = 256;

impl Text {
    /// A text whose message begins at byte `message`, and the name of its host, or else its tag, at byte `tagged`. All of it is
    /// the message where these are none of its places.
    pub fn new(whole: &str, tagged: usize, message: usize) -> Text {
        Text {
            whole: Arc::new(whole.into()),
            tagged: place_in(whole, tagged),
            message: place_in(whole, message),
        }
    }

    /// The same in the room of this text, if nobody else has it.
    pub fn anew(mut self, whole: &str, tagged: usize, message: usize) -> Text {
        let Some(room) = Arc::get_mut(&mut self.whole) else {
            return Text::new(whole, tagged, message);
        };
        room.clear();
        room.push_str(whole);
        self.tagged = place_in(whole, tagged);
        self.message = place_in(whole, message);
        self
    }

    /// Whether its room is worth being used again: nobody else has it, and it is of a usual size.
    pub fn is_room(&self) -> bool {
        Arc::strong_count(&self.whole) == 1 && self.whole.capacity() <= ROOM
    }

    /// What stands before the message.
    pub fn head(&self) -> &str {
        &self.whole[..usize::from(self.message)]
    }

    /// Who said what, without the stamp, which is another one in every form of the log: `host program[pid]: message`.
    pub fn said(&self) -> Cow<'_, str> {
        let head = self.head().get(usize::from(self.tagged)..);
        let head = head.unwrap_or_default();
        // Of the blanks before a message some forms keep several, and some none but one.
        match head.trim_end() {
            "" => self.message().into(),
            tag if tag.len() == head.len() => format!("{tag}{}", self.message()).into(),
            tag => format!("{tag} {}", self.message()).into(),
        }
    }

    /// What was said: the same in every form of the log, but for blanks.
    pub fn message(&self) -> &str {
        &self.whole[usize::from(self.message)..]
    }
}

/// Byte `message` of `whole`, or 0 where that is none of its places.
fn place_in(whole: &str, message: usize) -> u16 {
    match whole.is_char_boundary(message) {
        true => u16::try_from(message).unwrap_or(0),
        false => 0,
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.whole
    }
}

impl From<&str> for Text {
    fn from(whole: &str) -> Text {
        Text::new(whole, 0, 0)
    }
}

impl From<String> for Text {
    fn from(whole: String) -> Text {
        Text::new(&whole, 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_has_no_stamp_and_one_blank_before_the_message() {
        for (head, tag, message, said) in [
            (
                "Jan  5 00:00:01 ",
                "n1 corosync[7]:   ",
                "[KNET  ] x",
                "n1 corosync[7]: [KNET  ] x",
            ),
            ("| 03:24:17 | ", "n2 | `", "link: x", "n2 | `link: x"),
            ("", "", "x", "x"),
            ("> ", "", "x", "x"),
        ] {
            let whole = format!("{head}{tag}{message}");
            let text = Text::new(&whole, head.len(), head.len() + tag.len());
            assert_eq!(text.said(), said);
            assert_eq!((text.message(), &*text), (message, &*whole));
            // In the room of another, and beside one that somebody has.
            let other = Text::new("something else of before", 3, 5);
            let kept = other.clone();
            assert!(!other.is_room());
            for room in [other, Text::new("x", 0, 0)] {
                assert_eq!(room.anew(&whole, head.len(), head.len() + tag.len()), text);
            }
            assert_eq!(&*kept, "something else of before");
        }
    }
}
