//! Names of months in the languages that journalctl prints them in.
//! In: one word. Out: the month's number.
//! Never: guesses from words that mean different months in two languages.

/// The month that `word` abbreviates in some locale, 1 to 12. A name that lost its first letter to a careless copy
/// (`ov 07 22:41:57`) still tells its month.
pub fn month(word: &str) -> Option<u32> {
    if let [a, b, c] = word.as_bytes()
        && let Some(month) = english([a | 0x20, b | 0x20, c | 0x20])
    {
        return Some(month);
    }
    let word = word.trim_end_matches('.').to_lowercase();
    NAMES
        .iter()
        .position(|names| names.split(' ').any(|name| name == word))
        .and_then(|index| u32::try_from(index + 1).ok())
}

fn english(word: [u8; 3]) -> Option<u32> {
    Some(match &word {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

/// Abbreviations as glibc's locales print them (`%b`), without their dots. `lis` is left out: it is November in Polish
/// and October in Croatian.
const NAMES: [&str; 12] = [
    "an jan january januar janv ene gen янв січ sty led oca tammi ιαν ינו",
    "eb feb february februar févr fev feb. febr фев февр лют lut úno şub helmi φεβ",
    "ar mar march märz mär mrz mars mrt márc m\u{fffd}r мар бер břez bře maalis μαρ",
    "pr apr april avril avr abr ápr апр кві kwi dub nis huhti απρ",
    "ay may mai maj mag mei máj мая май тра maí kvě touko μαΐ",
    "un jun june juni juin giu jún июн июнь чер cze čen haz kesä ιουν",
    "ul jul july juli juil lug júl июл июль лип čec tem heinä ιουλ",
    "ug aug august août aoû ago авг сер sie srp ağu elo αυγ",
    "ep sep sept september set szept сен сент вер wrz zář eyl syys σεπ",
    "ct oct october okt oktober out ott окт жов paź říj eki loka οκτ",
    "ov nov november ноя нояб kas marras νοε",
    "ec dec december dez dezember déc dic дек гру gru ara joulu pro δεκ des",
];

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_are_known_in_many_languages() {
        for (word, number) in [
            ("Nov", 11),
            ("nov.", 11),
            ("Mär", 3),
            ("Okt", 10),
            ("Dez", 12),
            ("mai", 5),
            ("déc.", 12),
            ("févr.", 2),
            ("juil.", 7),
            ("ноя", 11),
            ("мая", 5),
            ("ct", 10),
            ("Sept", 9),
            ("ağu", 8),
        ] {
            assert_eq!(month(word), Some(number), "{word}");
        }
    }

    #[test]
    fn other_words_are_no_months() {
        for word in ["lis", "now", "", ".", "host", "is", "in"] {
            assert_eq!(month(word), None, "{word}");
        }
    }
}
