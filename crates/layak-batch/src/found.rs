//! Which files hold the households and the elements of their lists.

use std::path::{Path, PathBuf};

use layak::{FactKind, Phrase, Plan};

use crate::BatchError;
use crate::files::{FileKind, kind_of, stem_of};

/// The table of households and those of their lists, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    pub households: PathBuf,
    pub lists: Vec<(String, PathBuf)>,
}

impl Tables {
    /// Those of a path: of a folder the table `households` (or of the root entity's name) and one of the name of each list; of a file
    /// `NAME.END` the files `NAME.LIST.END` beside it. Tables that are given by name go before those that are found.
    pub(crate) fn of(plan: &Plan, path: &Path, given: &[(String, PathBuf)]) -> Result<Tables, BatchError> {
        let shapes = plan.fact_shapes();
        let is_list = |shape: &&layak::FactShape| matches!(shape.kind, FactKind::List(_) | FactKind::Values(_));
        let names: Vec<&str> = shapes.iter().filter(is_list).map(|shape| &*shape.name).collect();
        if let Some((name, _)) = given.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            let lists = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(BatchError::Call(Phrase::new(
                format!("--table: there is no list `{name}`; there are: {lists}"),
                format!("--table: tidak ada daftar `{name}`; yang ada: {lists}"),
            )));
        }
        let is_folder = path.is_dir();
        let households = if is_folder { in_folder(path)? } else { path.to_owned() };
        let kind = kind_of(&households);
        let mut lists = given.to_vec();
        let folder = if is_folder { path } else { households.parent().unwrap_or(Path::new("")) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if path.as_os_str() != "-" && matches!(kind, FileKind::Csv | FileKind::Parquet | FileKind::Arrow) {
            let stem = stem_of(&households);
            let found = files(folder)?.into_iter().filter(|file| kind_of(file) == kind).filter_map(|file| {
                let own = stem_of(&file);
                let list = if is_folder { own } else { own.strip_prefix(&format!("{stem}."))?.to_owned() };
                // Of CSV tables the reader of facts says which list there is not.
                let known = names.contains(&list.as_str());
                (known || kind == FileKind::Csv && !is_folder && !list.contains('.')).then_some((list, file))
            });
            for (list, file) in found {
                if !lists.iter().any(|(name, _)| *name == list) {
                    lists.push((list, file));
                }
            }
        }
        if let Some((_, other)) = lists.iter().find(|(_, file)| kind_of(file) != kind) {
            return Err(BatchError::Call(Phrase::new(
                format!("{} and {} are of two formats: give one", households.display(), other.display()),
                format!("{} dan {} berbeda format: beri satu saja", households.display(), other.display()),
            )));
        }
        if !lists.is_empty() && !matches!(kind, FileKind::Csv | FileKind::Parquet | FileKind::Arrow) {
            return Err(BatchError::Call(Phrase::new(
                "tables of lists are Parquet, Arrow or CSV, beside households of the same format",
                "tabel daftar berformat Parquet, Arrow, atau CSV, di samping keluarga berformat sama",
            )));
        }
        Ok(Tables { households, lists })
    }
}

/// The files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let entries = std::fs::read_dir(folder).map_err(|error| BatchError::io(folder, error))?;
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.is_file()).collect();
    files.sort();
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<PathBuf, BatchError> {
    let named = |file: &&PathBuf| matches!(stem_of(file).as_str(), "households" | "keluarga");
    let found: Vec<PathBuf> = files(folder)?.iter().filter(named).cloned().collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(BatchError::Call(Phrase::new(
            format!(
                "{}: one file `households.parquet` or `households.csv` is needed in a folder of tables",
                folder.display()
            ),
            format!(
                "{}: folder tabel memerlukan satu berkas `households.parquet` atau `households.csv`",
                folder.display()
            ),
        ))),
    }
}
