//! Writes files of households that are made up: `make_files FOLDER HOUSEHOLDS [PERCENT_UNKNOWN]` makes `households.parquet`.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use layak_batch::ParquetFile;
use layak_benches::columns::Arrays;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("make_files FOLDER HOUSEHOLDS [PERCENT_UNKNOWN]")?);
    let households: usize = arguments.next().ok_or("how many households?")?.parse()?;
    let unknown: u64 = arguments.next().map_or(Ok(0), |percent| percent.parse())?;
    std::fs::create_dir_all(&folder)?;
    let all = Arrays::made_up(households, unknown).record_batch()?;
    let mut file = ParquetFile::new(File::create(folder.join("households.parquet"))?, &all.schema())?;
    // By stretches, so that row groups are as the writer makes them.
    let mut start = 0;
    while start < all.num_rows() {
        let count = (all.num_rows() - start).min(1 << 16);
        file.write(&all.slice(start, count))?;
        start += count;
    }
    file.finish()?;
    Ok(())
}
