//! Which files hold the households and the elements of their lists.

use std::path::{Path, PathBuf};

use layak::{FactKind, FactShape, Phrase, Plan};

use crate::BatchError;
use crate::binding::Naming;
use crate::column_files::Table;
use crate::csv_columns::headers;
use crate::files::{FileKind, kind_of, stem_of};

/// The table of households and those of their lists, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    pub households: PathBuf,
    pub lists: Vec<(String, PathBuf)>,
}

impl Tables {
    /// Those of a path: of a folder the table `households` and one of the name of each list; of a file `NAME.END` the files
    /// `NAME.LIST.END` beside it, and of one called `households` as in a folder `LIST.END`, unless a column of its own has that list.
    /// Tables that are given by name go before those that are found.
    pub(crate) fn of(
        plan: &Plan,
        path: &Path,
        given: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<Tables, BatchError> {
        let shapes = plan.fact_shapes();
        let names: Vec<&str> = shapes.iter().filter(|shape| is_list(shape)).map(|shape| &*shape.name).collect();
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
            let before = format!("{}.", stem_of(&households));
            let of_kind: Vec<PathBuf> = files(folder)?.into_iter().filter(|file| kind_of(file) == kind).collect();
            let is_given = |lists: &[(String, PathBuf)], list: &str| lists.iter().any(|(name, _)| name == list);
            for file in &of_kind {
                let own = stem_of(file);
                let Some(list) = own.strip_prefix(&before) else { continue };
                // Of CSV tables the reader of facts says which list there is not.
                let known = names.contains(&list) || kind == FileKind::Csv && !list.contains('.');
                if known && !is_given(&lists, list) {
                    lists.push((list.to_owned(), file.clone()));
                }
            }
            for file in of_kind.into_iter().filter(|_| is_named(&households)) {
                let list = stem_of(&file);
                let shape = shapes.iter().find(|shape| *shape.name == *list && is_list(shape));
                if let Some(shape) = shape
                    && !is_given(&lists, &list)
                    && (is_folder || !own_columns(&households)?.iter().any(|own| holds(&[own], shape, naming)))
                {
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

/// The lists of the household that none of these columns and tables has, by their names.
pub(crate) fn lists_beyond<'c>(plan: &Plan, columns: impl Iterator<Item = &'c str>, naming: &Naming) -> Vec<String> {
    let columns: Vec<&str> = columns.collect();
    let is_lacking = |shape: &&FactShape| is_list(shape) && !holds(&columns, shape, naming);
    plan.fact_shapes().iter().filter(is_lacking).map(|shape| shape.name.to_string()).collect()
}

fn is_list(shape: &FactShape) -> bool {
    matches!(shape.kind, FactKind::List(_) | FactKind::Values(_))
}

/// The files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let entries = std::fs::read_dir(folder).map_err(|error| BatchError::io(folder, error))?;
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.is_file()).collect();
    files.sort();
    Ok(files)
}

/// Whether a file is called as the table of households in a folder is.
fn is_named(file: &Path) -> bool {
    matches!(stem_of(file).as_str(), "households" | "keluarga")
}

/// Whether one of these columns has a fact.
fn holds(columns: &[&str], fact: &FactShape, naming: &Naming) -> bool {
    let mapped = naming.columns.get(&*fact.name).map(String::as_str);
    let names = [Some(&*fact.name), fact.column.as_deref(), mapped];
    columns.iter().any(|column| names.contains(&Some(*column)))
}

/// The columns of a file, by their names.
fn own_columns(file: &Path) -> Result<Vec<String>, BatchError> {
    Ok(match kind_of(file) {
        FileKind::Parquet | FileKind::Arrow => {
            Table::open(file)?.schema.fields().iter().map(|field| field.name().clone()).collect()
        }
        _ => headers(file)?,
    })
}

fn in_folder(folder: &Path) -> Result<PathBuf, BatchError> {
    let found: Vec<PathBuf> = files(folder)?.into_iter().filter(|file| is_named(file)).collect();
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
