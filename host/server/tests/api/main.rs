//! The API, asked without a network.

mod answers;
mod estate;
mod requests;
mod workbench;
