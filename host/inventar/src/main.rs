//! The program: arguments, configuration, wiring, progress, exit codes.
//!
//! ```text
//!   cli ──► config ──► commands::scan ──► plugins, inventar-scan, inventar-store ──► present ──► exit
//!           layers,    get, describe …    what finds, what keeps                     stdout,
//!           origins                                                                  -o FORMAT=FILE
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | `cli`, `config`, `target` | what was asked, from where |
//! | `commands` | one file a verb |
//! | `connect`, `policy`, `schedule` | what an operator grants a collector, and when it runs |
//! | `plugins`, `bundle` | the detectors in this program, and those a person adds |
//! | `present` | an inventory as table, json, ndjson, csv and CycloneDX |
//! | `console`, `progress` | words for people, on stderr |
//! | `data`, `moment`, `kinds` | the data folder; times and kinds as people write them |
//! | `exit` | how it ended, and why |

mod bundle;
mod cli;
mod commands;
mod config;
mod connect;
mod console;
mod data;
mod exit;
mod kinds;
mod moment;
mod plugins;
mod policy;
mod present;
mod progress;
mod pull;
mod schedule;
mod target;

use crate::cli::{Cli, Command};
use crate::commands::Context;
use crate::config::{Config, Flags, LogFormat};
use crate::console::Console;
use crate::data::DataFolder;
use crate::exit::{Ending, Exit, Stop};
use clap::Parser;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    install_panic_hook();
    leave_no_core();
    let args = match Cli::try_parse() {
        Ok(args) => args,
        Err(error) => return not_understood(&error),
    };
    // The child process that compiles reads no configuration: it has no environment either.
    if matches!(args.command, Command::Plugin(cli::Plugin::Compile)) {
        return compile();
    }
    let quiet = args.global.quiet;
    let mut console = Console::new(quiet, args.global.log_format.unwrap_or_default());
    let ended = catch_unwind(AssertUnwindSafe(|| {
        context(&args, &mut console).and_then(|context| run(&args.command, &context))
    }));
    // The hook has said what happened.
    let ending =
        ended.unwrap_or_else(|_| Ok(Ending::because(Exit::Partial, "a mistake in inventar stopped it")));
    finish(ending, &console)
}

fn run(command: &Command, context: &Context) -> anyhow::Result<Ending> {
    match command {
        Command::Scan(args) => commands::scan::run(args, context),
        Command::Source(args) => commands::source::run(args, context),
        Command::Plan(args) => commands::plan::run(args, context),
        Command::Get(args) => commands::get::run(args, context),
        Command::Describe(args) => commands::describe::run(args, context),
        Command::Diff(args) => commands::diff::run(args, context),
        Command::Coverage(args) => commands::coverage::run(args, context),
        Command::Bom(cli::Bom::Generate(args)) => commands::bom::generate(args, context),
        Command::Plugin(args) => commands::plugin::run(args, context),
        Command::Doctor => commands::doctor::run(context),
        Command::Config(cli::Config::View { origin, output }) => {
            commands::config::view(*origin, output.as_ref(), context)
        }
        Command::Config(cli::Config::Schema) => commands::config::schema(),
        Command::Completion { shell } => commands::completion::run(*shell),
        Command::Serve(_) => commands::serve::run(context),
    }
}

/// Reads the configuration and starts what every command needs.
fn context(args: &Cli, console: &mut Console) -> anyhow::Result<Context> {
    let env = |name: &str| std::env::var(name).ok();
    let user = data::user_config_folder();
    let named = args.global.config.clone().or_else(|| env(config::CONFIG_VARIABLE).map(Into::into));
    if let Some(path) = named.as_ref().filter(|path| !path.is_file()) {
        return Err(Stop::usage(format!("there is no configuration `{}`", path.display())).into());
    }
    let config = Config::load(flags(args), &env, &config::files(named.as_deref(), user.as_deref()))?;
    *console = Console::new(args.global.quiet, config.log_format.value);
    console::start_logging(console, args.global.verbose, config.log_format.value);
    let variables: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    for (name, likely) in config::unknown_variables(variables.iter().map(String::as_str)) {
        let hint = likely.map_or(String::new(), |likely| format!("; did you mean {likely}?"));
        console.warn(&format!("the environment variable {name} means nothing here{hint}"));
    }
    let data = DataFolder::locate(config.data.value.as_deref())?;
    Ok(Context { config, config_file: named, console: console.clone(), data })
}

/// What the command line says about settings that may also stand in a file.
fn flags(args: &Cli) -> Flags {
    let mut flags =
        Flags { data: args.global.data.clone(), log_format: args.global.log_format, ..Flags::default() };
    match &args.command {
        Command::Scan(scan) => {
            flags.output = scan.output.clone();
            flags.plugin_files = scan.plugin.clone();
            flags.threads = scan.threads;
            flags.strict = scan.strict;
            flags.no_ignore = scan.no_ignore;
        }
        Command::Get(get) => flags.output = get.output.clone(),
        Command::Plugin(cli::Plugin::List { plugin, .. }) => flags.plugin_files = plugin.clone(),
        Command::Serve(serve) => flags.bind = serve.bind,
        _ => {}
    }
    flags
}

/// Says what went wrong, and as the very last line how it ended.
fn finish(ending: anyhow::Result<Ending>, console: &Console) -> ExitCode {
    let ending = ending.unwrap_or_else(|error| {
        console.error(&format!("{error:#}"));
        let what =
            error.downcast_ref::<Stop>().map_or_else(|| error.to_string(), |stop| stop.what().to_owned());
        Ending::because(exit::of(&error), what)
    });
    if let Some(reason) = &ending.reason {
        let first = reason.lines().next().unwrap_or_default();
        console.last(&format!("exit {} ({}): {first}", ending.exit.code(), ending.exit.sentence()));
    }
    ExitCode::from(ending.exit.code())
}

/// Help and version are data; anything else is a mistake on the command line.
fn not_understood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that has had enough (`| head`) is not an error.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let _ = error.print();
    let console = Console::new(false, LogFormat::Text);
    let rendered = error.render().to_string();
    let first = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let ending = Ending::because(Exit::Usage, first.to_owned());
    finish(Ok(ending), &console)
}

fn compile() -> ExitCode {
    match commands::plugin::compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            Console::new(false, LogFormat::Text).last(stop.what());
            ExitCode::from(stop.exit().code())
        }
    }
}

/// A crash writes no image of the memory: credentials are in it.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
        // Lowering one's own limit is always allowed.
        _ = setrlimit(Resource::Core, none);
    }
}

/// A panic is our mistake: said shortly, with what to send us, and without anything secret.
fn install_panic_hook() {
    let with_backtrace = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let place =
            panic.location().map_or(String::new(), |place| format!(" ({}:{})", place.file(), place.line()));
        let console = Console::new(false, LogFormat::Text);
        console
            .error(&format!("this is a mistake in inventar{place}: {}", inventar_runtime::redact(&message)));
        console.note("  hint: run it again with RUST_BACKTRACE=1 and report what it prints");
        if with_backtrace {
            // Not by the usual hook, which repeats the message as it is.
            console.note(&std::backtrace::Backtrace::force_capture().to_string());
        }
    }));
}
