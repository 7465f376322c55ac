//! Whole texts of configuration: files, copies of /etc/pve, standard input.
//! In: paths. Out: texts with their names; what was left alone, in words.
//! Never: opens keys, which a copy of /etc/pve holds under priv/.

use super::{Error, Source, discover};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A configuration is never larger; a report of a big node has a few of these.
const MOST: u64 = 32 * 1024 * 1024;

/// All files together: a folder of logs that was named by mistake is not taken into memory.
const MOST_TOGETHER: usize = 256 * 1024 * 1024;

/// What was read.
#[derive(Debug, Default)]
pub struct Small {
    /// Names and texts.
    pub files: Vec<(String, String)>,
    /// What was left alone.
    pub remarks: Vec<String>,
    /// What could not be read.
    pub errors: Vec<Error>,
}

/// Reads everything that `paths` name.
pub fn read(paths: &[PathBuf]) -> Small {
    let (sources, errors) = find(paths);
    let mut small = of(sources);
    small.errors.splice(0..0, errors);
    small
}

/// Everything that `paths` name, and what could not be looked at.
pub fn find(paths: &[PathBuf]) -> (Vec<Source>, Vec<Error>) {
    let (mut sources, mut errors) = discover(paths);
    // The list of members is hidden, and the only hidden file that says something.
    for path in paths {
        let members = path.join(".members");
        if path.is_dir() && super::is_file(&members) {
            let (hidden, failed) = discover(&[members]);
            sources.extend(hidden);
            errors.extend(failed);
        }
    }
    (sources, errors)
}

/// Reads the texts of sources.
pub fn of(mut sources: Vec<Source>) -> Small {
    let mut small = Small::default();
    let before = sources.len();
    sources.retain(|source| !is_secret(Path::new(&source.name)));
    if sources.len() < before {
        small
            .remarks
            .push("files under priv/ and keys were left alone".to_owned());
    }
    let mut together = 0;
    for source in sources {
        if together > MOST_TOGETHER {
            small.remarks.push(format!(
                "{} and all after it were left alone: this is too much for a configuration",
                source.name
            ));
            break;
        }
        match text(&source) {
            Ok(Some(text)) => {
                together += text.len();
                small.files.push((source.name, text));
            }
            Ok(None) => small.remarks.push(format!(
                "{} is larger than any configuration: only its beginning could be one, and it was left alone",
                source.name
            )),
            Err(error) => small.errors.push(error),
        }
    }
    small
}

/// Whether a file holds keys: those of a copy of /etc/pve.
pub fn is_secret(path: &Path) -> bool {
    let in_priv = path.iter().any(|part| part == "priv");
    let is_key = path
        .extension()
        .is_some_and(|ending| ending == "key" || ending == "pem");
    in_priv || is_key
}

/// The text of a source; `None` when it is too large.
fn text(source: &Source) -> Result<Option<String>, Error> {
    let mut bytes = Vec::new();
    source
        .unpack()?
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|why| Error::Read {
            name: source.name.clone(),
            why,
        })?;
    let fits = bytes.len() as u64 <= MOST;
    Ok(fits.then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_keys_are_not() {
        let root = std::env::temp_dir().join(format!("fencepost-small-{}", std::process::id()));
        std::fs::create_dir_all(root.join("priv")).unwrap();
        for name in [
            "priv/authkey.key",
            "storage.cfg",
            ".members",
            ".rrd",
            "ca.pem",
        ] {
            std::fs::write(root.join(name), "x\n").unwrap();
        }
        let small = read(std::slice::from_ref(&root));
        std::fs::remove_dir_all(&root).unwrap();
        let names: Vec<&str> = small
            .files
            .iter()
            .filter_map(|(name, _)| name.rsplit('/').next())
            .collect();
        assert_eq!(names, ["storage.cfg", ".members"]);
        assert_eq!(small.remarks.len(), 1);
    }
}
