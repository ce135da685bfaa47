//! The command line of Layak. Results go to stdout, findings to stderr; the exit status is 0 when all is clean, 1 when the
//! rules, the facts or a test have errors, 2 when the call itself is wrong.

#![forbid(unsafe_code)]
// `println!` panics when the reader has closed its end; `output::say` does not.
#![deny(clippy::print_stdout)]

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

mod args;
mod ask;
mod check;
mod codes;
mod decide;
mod decided;
mod diff;
mod draw;
mod encode;
mod explain;
mod findings;
mod fmt;
mod help;
mod input;
mod output;
mod progress;
mod records;
mod redecide;
mod rejects;
mod replay;
mod store;
mod summary;
mod test;

use args::{Args, Command};

/// How a command ended.
pub(crate) enum Ending {
    /// Done and clean.
    Clean,
    /// The rules, the facts or a test have errors; they have been told.
    Findings,
}

/// The call is wrong: what to tell.
#[derive(Debug)]
pub(crate) struct CallError(pub String);

impl<E: std::error::Error> From<E> for CallError {
    fn from(error: E) -> CallError {
        CallError(error.to_string())
    }
}

pub(crate) type Done = Result<Ending, CallError>;

/// The call as it was typed. Help goes to stdout and ends well; a wrong call is told and ends with 2.
fn call() -> Result<Args, ExitCode> {
    let lang = args::lang_of(std::env::args_os());
    let matches = help::in_language(Args::command(), lang).try_get_matches();
    matches.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        if lang == layak::Lang::En || !error.use_stderr() {
            error.exit();
        }
        output::tell(&format!("{}\n", help::told(&error, lang)));
        ExitCode::from(2)
    })
}

fn main() -> ExitCode {
    let args = match call() {
        Ok(args) => args,
        Err(ending) => return ending,
    };
    let lang = args.lang();
    let done = match &args.command {
        Command::Check(call) => check::run(call, lang),
        Command::Decide(call) => decide::run(call, lang),
        Command::Explain(call) => explain::run(call, lang),
        Command::Replay(call) => replay::run(call, lang),
        Command::Redecide(call) => redecide::run(call, lang),
        Command::Ask(call) => ask::run(call, lang),
        Command::Test(call) => test::run(call, lang),
        Command::Graph(call) => draw::graph(call, lang),
        Command::Fmt(call) => fmt::run(call, lang),
        Command::Diff(call) => diff::run(call, lang),
        Command::Schema(call) => draw::schema(call, lang),
        Command::Codes(call) => codes::run(call, lang),
    };
    match done {
        Ok(Ending::Clean) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(1),
        Err(CallError(text)) => {
            output::tell(&format!("layak: {text}\n"));
            ExitCode::from(2)
        }
    }
}
