//! The rejects file: the records that were not taken, as they stand in the
//! input, with the reason beside them. Mended, it can be imported as it is.

use crate::{error::Error, import::ImportRequest};
use cardfile_formats::{
    file::{RejectWriter, Shape},
    record::Reject,
};
use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    path::PathBuf,
};

/// Written beside the input, only when there is something to write.
pub(crate) struct RejectsFile {
    path: PathBuf,
    writer: Box<dyn RejectWriter>,
    file: Option<BufWriter<File>>,
}

impl RejectsFile {
    pub(crate) fn new(request: &ImportRequest, shape: &Shape) -> Self {
        let path = request.rejects.clone().unwrap_or_else(|| free_name(&request.file));
        Self { path, writer: shape.rejects(), file: None }
    }

    pub(crate) fn write(&mut self, reject: &Reject, raw: &[u8]) -> Result<(), Error> {
        let fail = |e: std::io::Error| Error::io(&self.path, &e);
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                // An existing file may hold rejects that somebody is mending.
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                // It holds people's data, like an export.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let file = options.open(&self.path).map_err(fail)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        let raw = if reject.raw.is_empty() { raw } else { &reject.raw };
        self.writer.write(file, reject, raw).map_err(fail)
    }

    /// Flushes; gives the path when there is a file.
    pub(crate) fn finish(&mut self) -> Result<Option<PathBuf>, Error> {
        let Some(mut file) = self.file.take() else { return Ok(None) };
        let written = self.writer.finish(&mut file).and_then(|()| file.flush());
        if let Err(error) = written {
            let _ = std::fs::remove_file(&self.path);
            return Err(Error::io(&self.path, &error));
        }
        Ok(Some(self.path.clone()))
    }

    /// The import was taken back: its rejects say nothing.
    pub(crate) fn discard(&mut self) {
        if self.file.take().is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// `contacts.rejected.csv`, or with a number when that is taken.
fn free_name(input: &std::path::Path) -> PathBuf {
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    let ending = input.extension().map_or_else(|| "csv".into(), |e| e.to_string_lossy());
    let name = |n: u32| match n {
        1 => input.with_file_name(format!("{stem}.rejected.{ending}")),
        n => input.with_file_name(format!("{stem}.rejected-{n}.{ending}")),
    };
    (1..10_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(10_000))
}
