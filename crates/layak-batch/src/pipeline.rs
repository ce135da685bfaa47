//! Work on portions by several threads: in the order of the input, with no more of them in memory than the threads need.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Works on each portion of a source and hands what comes of it to a sink, in order. With one thread, or where there is but
/// one portion, everything happens in the thread that calls. The first error ends it.
pub(crate) fn ordered<I, O, E>(
    threads: usize,
    mut source: impl Iterator<Item = Result<I, E>> + Send,
    work: impl Fn(I) -> Result<O, E> + Sync,
    mut sink: impl FnMut(O) -> Result<ControlFlow<()>, E>,
) -> Result<(), E>
where
    I: Send,
    O: Send,
    E: Send,
{
    let Some(first) = source.next() else { return Ok(()) };
    let second = if threads > 1 { source.next() } else { None };
    let Some(second) = second else {
        for portion in std::iter::once(first).chain(source) {
            if sink(work(portion?)?)?.is_break() {
                break;
            }
        }
        return Ok(());
    };
    let all = [first, second].into_iter().chain(source);
    let room = threads * 2 + 2;
    let (permit, permits) = bounded::<()>(room);
    (0..room).for_each(|_| permit.send(()).unwrap_or_default());
    let (jobs, waiting) = bounded::<(usize, Result<I, E>)>(room);
    let (done, results) = bounded::<(usize, Result<O, E>)>(room);
    thread::scope(|scope| {
        scope.spawn(move || feed(all, &permits, &jobs));
        for _ in 0..threads {
            let (waiting, done, work) = (waiting.clone(), done.clone(), &work);
            scope.spawn(move || {
                for (number, portion) in waiting {
                    if done.send((number, portion.and_then(work))).is_err() {
                        return;
                    }
                }
            });
        }
        drop((waiting, done));
        // So that the source stops waiting when this ends early.
        let permit = permit;
        let mut early: BTreeMap<usize, Result<O, E>> = BTreeMap::new();
        let mut next = 0;
        // Where it returns, the channels close and every thread ends.
        for (number, result) in results {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                next += 1;
                if sink(result?)?.is_break() {
                    return Ok(());
                }
                permit.send(()).unwrap_or_default();
            }
        }
        Ok(())
    })
}

fn feed<I, E>(all: impl Iterator<Item = Result<I, E>>, permits: &Receiver<()>, jobs: &Sender<(usize, Result<I, E>)>) {
    for job in all.enumerate() {
        if permits.recv().is_err() || jobs.send(job).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn order_is_kept_whatever_a_portion_takes() {
        for threads in [1, 2, 3, 7] {
            let mut out = Vec::new();
            let source = (0..200u64).map(Ok::<u64, String>);
            let work = |n: u64| {
                std::thread::sleep(std::time::Duration::from_micros((n * 7_919) % 300));
                Ok(n * 2)
            };
            let sink = |n| {
                out.push(n);
                Ok(ControlFlow::Continue(()))
            };
            assert_eq!(ordered(threads, source, work, sink), Ok(()));
            assert_eq!(out, (0..200).map(|n| n * 2).collect::<Vec<u64>>(), "{threads}");
        }
    }

    #[test]
    fn an_error_or_an_end_stops_the_source() {
        for threads in [1, 4] {
            let read = AtomicUsize::new(0);
            let source = (0..100_000usize).map(|n| {
                read.fetch_add(1, Ordering::Relaxed);
                if n == 50 { Err("bad") } else { Ok(n) }
            });
            let mut seen = 0;
            let ended = ordered(threads, source, Ok, |_| {
                seen += 1;
                Ok(ControlFlow::Continue(()))
            });
            assert_eq!((ended, seen), (Err("bad"), 50));
            assert!(read.load(Ordering::Relaxed) < 200, "what was in flight, and no more");
            let source = (0..100_000usize).map(Ok::<usize, &str>);
            let ended = ordered(threads, source, Ok, |n| {
                Ok(if n == 9 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            });
            assert_eq!(ended, Ok(()));
        }
    }
}
