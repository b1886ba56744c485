//! The command line.

mod source;

pub(crate) use source::{Plan, PluginPolicy, PluginRecord, Source, SourceAdd};

use crate::config::LogFormat;
use crate::present::Output;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Finds the AI in code, images, clusters and clouds, and keeps it as a living inventory.
#[derive(Debug, Parser)]
#[command(
    name = "inventar",
    version,
    about,
    disable_help_subcommand = true,
    after_help = "Examples:
  inventar scan .                              what AI is in this folder?
  inventar scan . -o table -o cyclonedx=bom.json
  inventar scan image:ghcr.io/acme/chat:2.1    what AI is in this image?
  inventar get models                          what was found last time
  inventar describe sdk/openai                 one asset with its evidence
  inventar serve                               open the inventory in a browser
  inventar source add prod --plugin aws --credential aws=env:AWS
  inventar scan prod                           what AI is in this account?

Exit codes:
  0    done
  2    the command line or the configuration is wrong
  3    not everything could be looked at
  5    the result could not be kept or written
  6    the budget of the run is spent
  7    a plugin inside the program is not what its digest says
  130  interrupted"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The data folder [env: INVENTAR_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A configuration file instead of ./inventar.yaml [env: INVENTAR_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only data, errors and warnings
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more; twice for everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What stderr speaks: text or json [env: INVENTAR_LOG_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) log_format: Option<LogFormat>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at a folder, an image or a connected source and record what is there
    Scan(Scan),
    /// Connect clouds, clusters and registries
    #[command(subcommand)]
    Source(Source),
    /// Say what a scan of a connected source would call, cost and need
    Plan(Plan),
    /// List recorded assets
    Get(Get),
    /// Show one asset with its evidence, relations and history
    Describe(Describe),
    /// Show what changed between two runs
    Diff(Diff),
    /// Show what was looked at and what was not
    Coverage(Coverage),
    /// Write the bill of materials of a recorded source
    #[command(subcommand)]
    Bom(Bom),
    /// List plugins, or look into one
    #[command(subcommand)]
    Plugin(Plugin),
    /// Check the installation; every failed check prints its fix
    Doctor,
    /// Show the configuration
    #[command(subcommand)]
    Config(Config),
    /// Print a completion script
    Completion {
        /// Whose
        shell: Shell,
    },
    /// Serve the inventory to a browser
    Serve(Serve),
}

/// `inventar scan`
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// A folder; image:REF, oci:DIR, oci-archive:FILE or docker-archive:FILE; or the name of a source
    pub(crate) target: String,
    /// table, json, ndjson, csv, cyclonedx, or one of them =FILE; several at once
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    pub(crate) output: Vec<Output>,
    /// Record under this name
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// A plugin to add; it is unsigned, and labelled so everywhere
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) plugin: Vec<PathBuf>,
    /// Also look at ignored files and into dependency folders
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Unreadable content and declared limits also end with code 3
    #[arg(long)]
    pub(crate) strict: bool,
    /// Worker threads; 0: one a core
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Retire assets even if very many disappeared at once
    #[arg(long)]
    pub(crate) confirm_gone: bool,
    /// Neither read nor write the report cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Which CycloneDX, 1.7 or 1.6
    #[arg(long, value_name = "VERSION", default_value = "1.7", value_parser = ["1.6", "1.7"], hide_possible_values = true)]
    pub(crate) spec: String,
    /// Of a connected source: answer from recorded exchanges; nothing is called
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) replay: Option<PathBuf>,
    /// Break answers on purpose: throttle=0.3,error=0.05 (for tests)
    #[arg(long, value_name = "KIND=SHARE,…", hide = true)]
    pub(crate) fault: Option<String>,
}

/// Which source of the store.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The source; without it all, or the only one
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// As it was then: 2026-11-01, 2026-11-01T12:00Z, or an age such as 7d
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
}

/// `inventar get`
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// A kind (models, sdks, mcp-servers …), `all`, `sources` or `runs`
    pub(crate) kind: String,
    /// Only assets with this name; `*` stands for anything
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) of: Of,
    /// FORMAT or FORMAT=FILE, as for scan
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    pub(crate) output: Vec<Output>,
}

/// `inventar describe`
#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// KIND/NAME, a name, or the id of the asset
    pub(crate) asset: String,
    #[command(flatten)]
    pub(crate) of: Of,
    /// table or json
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,
}

/// `inventar diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// From: a time or a run such as `#3`; without it the run before the last
    pub(crate) from: Option<String>,
    /// To; without it the last run
    #[arg(requires = "from")]
    pub(crate) to: Option<String>,
    /// From this time on: a time, or an age such as 24h
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub(crate) since: Option<String>,
    /// The source; without it the only one
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// table, json or ndjson
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,
}

/// `inventar coverage`
#[derive(Debug, Args)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) of: Of,
    /// Only the scopes of connected sources that are not complete, with the missing permission
    #[arg(long)]
    pub(crate) missing: bool,
    /// Print the policy that is to be added, and nothing else
    #[arg(long, requires = "missing")]
    pub(crate) fix_policy: bool,
    /// table, json or ndjson
    #[arg(long, short, value_name = "FORMAT", conflicts_with = "fix_policy")]
    pub(crate) output: Option<Output>,
}

/// `inventar bom`
#[derive(Debug, Subcommand)]
pub(crate) enum Bom {
    /// CycloneDX JSON of what was recorded last
    Generate(BomGenerate),
}

/// `inventar bom generate`
#[derive(Debug, Args)]
pub(crate) struct BomGenerate {
    #[command(flatten)]
    pub(crate) of: Of,
    /// Which CycloneDX, 1.7 or 1.6
    #[arg(long, value_name = "VERSION", default_value = "1.7", value_parser = ["1.6", "1.7"], hide_possible_values = true)]
    pub(crate) spec: String,
    /// Where to write it; without it stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `inventar plugin`
#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// The plugins that a scan uses
    List {
        /// A plugin to add
        #[arg(long, value_name = "FILE.wasm")]
        plugin: Vec<PathBuf>,
        /// table or json
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Output>,
    },
    /// A plugin's manifest, imports, digest and size
    Inspect {
        /// PUBLISHER/NAME of a bundled plugin, or a file
        plugin: String,
        /// table or json
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Output>,
    },
    /// The exact IAM policy or cluster role that a collector needs
    Policy(PluginPolicy),
    /// Collect from a source and write every exchange, without secrets, for offline tests
    Record(PluginRecord),
    /// Pack plugins and append them to an executable (for the build)
    #[command(hide = true)]
    Bundle {
        /// The executable that gets them; an earlier pack is replaced
        #[arg(long, value_name = "EXE")]
        into: PathBuf,
        /// A plugin folder and its core module
        #[arg(long = "plugin", value_name = "DIR=CORE.wasm", required = true)]
        plugins: Vec<String>,
        /// Also write the packed components here
        #[arg(long, value_name = "DIR")]
        components: Option<PathBuf>,
    },
    /// Pack one plugin into a component (for plugin authors)
    Pack {
        /// The folder with plugin.toml
        folder: PathBuf,
        /// The core module that cargo built for wasm32-unknown-unknown
        core: PathBuf,
        /// Where to write the component
        #[arg(long, short, value_name = "FILE.wasm")]
        output: PathBuf,
    },
    /// Compile the component on stdin to stdout (the runtime's child process)
    #[command(hide = true)]
    Compile,
}

/// `inventar config`
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// The values in force
    View {
        /// Also say where each comes from
        #[arg(long)]
        origin: bool,
        /// table or json
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Output>,
    },
    /// A JSON Schema of inventar.yaml, for editors
    Schema,
}

/// `inventar serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen [env: INVENTAR_BIND] [default: 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bind: Option<SocketAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[track_caller]
    fn check(line: &str, good: bool) {
        let parsed = Cli::try_parse_from(line.split_whitespace());
        assert_eq!(parsed.is_ok(), good, "{line}: {parsed:?}");
    }

    #[test]
    fn lines() {
        check("inventar scan .", true);
        check("inventar scan", false);
        check("inventar scan . -o table -o cyclonedx=bom.json -o csv=a.csv", true);
        check("inventar scan . -o xml", false);
        check("inventar scan . --plugin a.wasm --plugin b.wasm --threads 2 --strict", true);
        check("inventar scan . --threads two", false);
        check("inventar scan . -q -v", false);
        check("inventar -vv scan .", true);
        check("inventar get all", true);
        check("inventar get models gpt-* --as-of 2026-11-01", true);
        check("inventar describe sdk/openai", true);
        check("inventar diff", true);
        check("inventar diff #1 #2", true);
        check("inventar diff #1 --since 24h", false);
        check("inventar bom generate --spec 1.6 -o bom.json", true);
        check("inventar bom generate --spec 1.5", false);
        check("inventar plugin list", true);
        check("inventar plugin inspect inventar/python", true);
        check("inventar plugin compile", true);
        check("inventar plugin bundle --into inventar", false);
        check("inventar plugin bundle --into inventar --plugin a=b.wasm", true);
        check("inventar config view --origin", true);
        check("inventar completion zsh", true);
        check("inventar completion tcsh", false);
        check("inventar serve --bind 127.0.0.1:0", true);
        check("inventar serve --bind here", false);
        check("inventar source add prod --plugin aws --credential aws=env:AWS --budget calls=10 --yes", true);
        check("inventar source add prod", false);
        check("inventar source grant prod --yes", true);
        check("inventar source list -o json", true);
        check("inventar plan prod", true);
        check("inventar plugin policy aws --format iam --part 2", true);
        check("inventar plugin policy kubernetes --service-account ops/inventar", true);
        check("inventar plugin policy kubernetes --service-account ops", false);
        check("inventar plugin record prod", false);
        check("inventar coverage --missing --fix-policy", true);
        check("inventar coverage --fix-policy", false);
        check("inventar scan prod --replay prod.jsonl", true);
        check("inventar doctor --data x --log-format json", true);
        check("inventar doctor --log-format xml", false);
    }

    #[test]
    fn help_fits_on_a_screen() {
        let mut lines = 0;
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_help().to_string();
            lines = lines.max(help.lines().count());
            assert!(help.lines().all(|line| line.chars().count() <= 120), "{help}");
        }
        assert!(lines <= 50, "{lines}");
    }
}
