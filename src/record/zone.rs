//! Abbreviations of time zones.
//! In: one word. Out: the offset it means everywhere.
//! Never: guesses between two continents; `Clock` asks the zone that the user named first.

/// Seconds east of UTC of an abbreviation that means one thing; `None` for those that mean several (`CST`, `IST`, `BST`).
pub fn zone_offset(abbreviation: &str) -> Option<i32> {
    let minutes = match abbreviation {
        "UTC" | "GMT" | "WET" | "UCT" => 0,
        "CET" | "WEST" | "MEZ" => 60,
        "CEST" | "EET" | "SAST" | "MESZ" => 120,
        "EEST" | "MSK" | "EAT" => 180,
        "PKT" => 300,
        "WIB" => 420,
        "AWST" | "HKT" => 480,
        "JST" | "KST" => 540,
        "ACST" => 570,
        "AEST" => 600,
        "ACDT" => 630,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        "NDT" => -150,
        "NST" => -210,
        "ADT" => -180,
        "EDT" => -240,
        "EST" | "CDT" => -300,
        "MDT" => -360,
        "MST" | "PDT" => -420,
        "PST" | "AKDT" => -480,
        "AKST" => -540,
        "HST" => -600,
        _ => return None,
    };
    Some(minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::zone_offset;

    #[test]
    fn only_words_with_one_meaning_are_known() {
        assert_eq!(zone_offset("CEST"), Some(7200));
        assert_eq!(zone_offset("NST"), Some(-12_600));
        for word in ["CST", "IST", "BST", "XYZ", ""] {
            assert_eq!(zone_offset(word), None, "{word}");
        }
    }
}
