//! A service that decides what comes through a channel, a thousand households at a time: whoever asks gets the answers of their own
//! batch back.

use std::error::Error;
use std::sync::Arc;
use std::thread;

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use crossbeam_channel::{Receiver, Sender, bounded};
use layak::{Lang, Plan, Ruleset};
use layak_batch::{BatchError, DecisionColumns, Naming, RecordReader};

/// A batch to decide, and where the answer goes.
struct Request {
    households: RecordBatch,
    answer: Sender<Result<RecordBatch, BatchError>>,
}

/// One worker: its room is used again for every batch.
fn serve(plan: &Plan, reader: &RecordReader, requests: &Receiver<Request>) {
    let mut columns = DecisionColumns::new(plan, Lang::Id);
    for Request { households, answer } in requests {
        let decided = reader.decide(&households, |row| columns.add(row.index() + 1, &row.decide()));
        let batch = columns.finish();
        // Whoever asked may have gone.
        let _ = answer.send(decided.and(batch));
    }
}

fn households(number: i32) -> Result<RecordBatch, Box<dyn Error>> {
    let id: ArrayRef = Arc::new(Int32Array::from_iter_values(number * 1_000..(number + 1) * 1_000));
    let desil: ArrayRef = Arc::new(Int32Array::from_iter((0..1_000).map(|n| (n % 11 > 0).then_some(n % 11))));
    Ok(RecordBatch::try_from_iter([("id", id), ("desil", desil)])?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Ruleset::from_text(
        "module aid entity Home { id integer key  desil integer 1..10 } criterion poor when desil <= 4
         programme aid requires poor",
    )?;
    // Compiled once, shared by all.
    let plan = rules.as_of("2026-01-15".parse()?);
    let reader = RecordReader::new(&plan, &households(0)?.schema(), &Naming::default())?;
    let (requests, waiting) = bounded::<Request>(4);
    thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        for _ in 0..2 {
            let waiting = waiting.clone();
            scope.spawn(|| {
                let waiting = waiting;
                serve(&plan, &reader, &waiting);
            });
        }
        drop(waiting);
        let requests = requests;
        for number in 0..10 {
            let (answer, answered) = bounded(1);
            requests.send(Request { households: households(number)?, answer })?;
            let decided = answered.recv()??;
            println!("batch {number}: {} decisions", decided.num_rows());
        }
        Ok(())
    })
}
