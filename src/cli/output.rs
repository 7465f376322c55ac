//! Where an answer goes, and in which form: `-o json`, `-o md=FILE`, several at once.
//! In: words of the command line; an answer that writes itself in any form. Out: bytes on standard output and in files.
//! Never: leaves a file half told without a word.

use super::{Stop, usage};
use crate::input;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, ValueEnum};
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::marker::PhantomData;
use std::path::PathBuf;

/// One of the forms that are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Output<W> {
    /// Which.
    pub form: W,
    /// Where to; standard output when no file is named.
    pub file: Option<PathBuf>,
}

/// Reads `FORM` or `FORM=FILE`.
#[derive(Clone, Debug)]
pub struct OutputParser<W>(PhantomData<W>);

impl<W> OutputParser<W> {
    /// For the forms that `W` lists.
    pub fn new() -> OutputParser<W> {
        OutputParser(PhantomData)
    }
}

impl<W: ValueEnum + Clone + Send + Sync + 'static> TypedValueParser for OutputParser<W> {
    type Value = Output<W>;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Output<W>, clap::Error> {
        let text = value.to_string_lossy();
        let (word, file) = match text.split_once('=') {
            Some((word, file)) => (word, Some(file)),
            None => (&*text, None),
        };
        let forms = EnumValueParser::<W>::new();
        let form = forms.parse_ref(command, argument, OsStr::new(word))?;
        if file == Some("") {
            let mut error = clap::Error::new(ErrorKind::ValueValidation).with_cmd(command);
            let name = argument.map_or_else(String::new, ToString::to_string);
            error.insert(ContextKind::InvalidArg, ContextValue::String(name));
            error.insert(
                ContextKind::InvalidValue,
                ContextValue::String(text.into_owned()),
            );
            return Err(error);
        }
        Ok(Output {
            form,
            file: file.map(PathBuf::from),
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = W::value_variants().iter();
        Some(Box::new(words.filter_map(ValueEnum::to_possible_value)))
    }
}

/// The places that an answer goes to, opened before anything is read.
pub struct Places<W>(Vec<(W, Option<Box<dyn Write>>)>);

impl<W: Copy + PartialEq> Places<W> {
    /// Opens them.
    pub fn open(outputs: &[Output<W>]) -> Result<Places<W>, Stop> {
        let mut places = Vec::new();
        for (n, output) in outputs.iter().enumerate() {
            if outputs[..n].iter().any(|other| other.file == output.file) {
                return Err(match &output.file {
                    None => usage(
                        "two forms cannot both go to standard output",
                        "name a file for all but one: -o html=report.html -o json",
                    ),
                    Some(file) => usage(
                        format!("two forms cannot both go to {}", file.display()),
                        "name a file for each",
                    ),
                });
            }
            let file = output.file.as_deref().map(input::create).transpose()?;
            places.push((output.form, file));
        }
        Ok(Places(places))
    }

    /// Whether this is all that is wanted, on standard output.
    pub fn is_only(&self, form: W) -> bool {
        matches!(&self.0[..], [(only, None)] if *only == form)
    }

    /// Whether this form is among them.
    pub fn has(&self, form: W) -> bool {
        self.0.iter().any(|(wanted, _)| *wanted == form)
    }

    /// Writes each of them; standard output last, so that who sees it finds the files.
    pub fn write(
        self,
        mut write: impl FnMut(W, bool, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let (printed, files): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|(_, f)| f.is_none());
        for (form, file) in files {
            if let Some(file) = file {
                let mut out = BufWriter::new(file);
                write(form, true, &mut out)?;
                out.flush()?;
            }
        }
        for (form, _) in printed {
            let mut out = BufWriter::new(io::stdout().lock());
            write(form, false, &mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}
