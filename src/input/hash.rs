//! What an input is called by its content, as `sha256sum` calls it.
//! In: a source. Out: the SHA-256 of its bytes, packed as they are; of a file in an archive, of that file.
//! Never: reads what can be read but once.

use super::{Kind, Source, file};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Bytes that are read at once.
const BLOCK: usize = 1 << 18;

impl Source {
    /// Its SHA-256 in hexadecimal digits; `None` where it cannot be read again.
    pub fn sha256(&self) -> io::Result<Option<String>> {
        let mut bytes = match &self.kind {
            _ if !self.is_file() => return Ok(None),
            Kind::File(path) => file::bytes(path)?,
            Kind::Part(part) => part.bytes(),
            Kind::Stdin(_) => return Ok(None),
        };
        let mut hash = Sha256::new();
        let mut block = vec![0; BLOCK];
        loop {
            match bytes.read(&mut block)? {
                0 => break,
                length => hash.update(&block[..length]),
            }
        }
        let digits = hash.finalize();
        Ok(Some(digits.iter().map(|b| format!("{b:02x}")).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn it_is_what_everybody_computes() {
        let mut bytes: &[u8] = b"abc";
        let source = Source::kept(Path::new("log1"), None, &mut bytes).expect("memory");
        assert_eq!(
            source.sha256().expect("memory").as_deref(),
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
        assert_eq!(
            super::super::stdin::source().sha256().expect("no reading"),
            None
        );
    }
}
