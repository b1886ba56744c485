//! The workbench of the stories: an empty folder, the built program, a running server, and texts without the paths
//! and times of this machine.
//!
//! ```no_run
//! use inventar_stories::Workbench;
//!
//! let bench = Workbench::new();
//! bench.write("app.py", "import openai\n");
//! let scan = bench.scan(["-o", "ndjson"]);
//! assert_eq!(scan.code, 0, "{scan}");
//! assert!(scan.has_asset("sdk", "openai"), "{scan}");
//! ```
//!
//! Every workbench is alone in the world: its own folder to scan, its own data folder, its own home, and no
//! environment but the search path.

mod echo;
mod ended;
mod http;
mod hunt;
mod library;
mod program;
mod rig;
mod server;
mod tree;

pub use echo::{Echo, Known};
pub use ended::Ended;
pub use hunt::{Canary, Hunt};
pub use library::Library;
pub use program::{Running, guest};
pub use rig::rig;
pub use server::Server;
pub use tree::{Workbench, estate};
