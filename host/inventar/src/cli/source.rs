//! The part of the command line that is about connected sources.

use crate::present::Output;
use clap::{Args, Subcommand};

/// `inventar source`
#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// Connect a service; shows what would be allowed and asks
    Add(SourceAdd),
    /// The connected sources
    List {
        /// table or json
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Output>,
    },
    /// Ask the service who we are, what there is to look at, and what is not allowed
    Test {
        /// The source
        name: String,
        /// table or json
        #[arg(long, short, value_name = "FORMAT")]
        output: Option<Output>,
    },
    /// Allow what the plugin asks for now, after it has changed
    Grant {
        /// The source
        name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Disconnect a service; what was recorded of it stays
    Remove {
        /// The source
        name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// `inventar source add`
#[derive(Debug, Args)]
#[command(
    after_help = "A credential is named by where it is kept, never given: env:NAME, file:PATH, exec:COMMAND,
vault:PATH#FIELD, keyring:SERVICE/USER; for AWS also env:AWS, profile:NAME and web-identity:

Examples:
  inventar source add prod --plugin aws --credential aws=profile:audit,role=arn:aws:iam::123456789012:role/inventar
  inventar source add models --plugin mlflow --endpoint https://mlflow.example --credential login=env:MLFLOW,kind=basic
  inventar source add here --plugin vector-stores --endpoint http://127.0.0.1:8000 --allow-private 127.0.0.1/32"
)]
pub(crate) struct SourceAdd {
    /// What to call it: `inventar scan NAME`
    pub(crate) name: String,
    /// The collector: `inventar plugin list` shows them
    #[arg(long, value_name = "PLUGIN")]
    pub(crate) plugin: String,
    /// Where a credential is kept, by slot
    #[arg(long, value_name = "SLOT=REFERENCE[,OPTION=VALUE…]")]
    pub(crate) credential: Vec<String>,
    /// Where the service is
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// A private network that may be dialled
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_private: Vec<String>,
    /// A PEM file with the authority that signs for the endpoint
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<std::path::PathBuf>,
    /// A setting of the plugin
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) setting: Vec<String>,
    /// What one run may use: calls=5000,cost=0.50,bytes=200MB,time=15m
    #[arg(long, value_name = "KEY=AMOUNT,…")]
    pub(crate) budget: Vec<String>,
    /// Do not ask; also replaces a source of that name
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `inventar plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// A connected source
    pub(crate) source: String,
    /// table or json
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,
}

/// `inventar plugin policy`
#[derive(Debug, Args)]
pub(crate) struct PluginPolicy {
    /// PUBLISHER/NAME or NAME of a bundled collector, or a file
    pub(crate) plugin: String,
    /// iam, rbac or json; without it what fits
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<crate::policy::PolicyFormat>,
    /// Only this part of an IAM policy that is too large for one
    #[arg(long, value_name = "N")]
    pub(crate) part: Option<usize>,
    /// Who gets the cluster role
    #[arg(long, value_name = "NAMESPACE/NAME", default_value = "inventar/inventar")]
    pub(crate) service_account: crate::policy::ServiceAccount,
}

/// `inventar plugin record`
#[derive(Debug, Args)]
pub(crate) struct PluginRecord {
    /// A connected source
    pub(crate) source: String,
    /// Where to write the exchanges
    #[arg(long, short, value_name = "FILE.jsonl")]
    pub(crate) output: std::path::PathBuf,
}
