//! Finds AI in notebooks: Jupyter's `.ipynb` of any age, and what Databricks and Colab export as `.py`.
//!
//! ```text
//! bytes ── notebook ──► cells ── cell ──► excerpts: text, and where each byte of it stands in the file
//!                                   │
//!        Python, one text ──► inventar_python ──► assets      %pip, !pip, %%bash, %env ──► command ──► packages, keys
//!                                   │
//!                          R, Julia, C# ──► foreign ──► packages
//! ```
//!
//! Outputs, attachments and prose are not read: a model that is only written about is not in use. Cells of one notebook
//! are one program, so a name of the first is known in the last.
//!
//! ```
//! use inventar_plugin_notebooks::Notebooks;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let json = r#"{"cells": [
//!   {"cell_type": "code", "source": ["%pip install openai==1.60.0\n", "from openai import OpenAI"], "outputs": []},
//!   {"cell_type": "code", "source": "OpenAI().responses.create(model=\"gpt-4o\", input=\"hi\")", "outputs": []}
//! ], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#;
//! let answer = Notebooks::scan(&NoSettings::default(), &File::of("a.ipynb", json));
//! let seen: Vec<(&str, u32)> =
//!     answer.assets.iter().map(|asset| (&*asset.name, asset.evidence[0].span().line)).collect();
//! assert_eq!(seen, [("openai", 2), ("gpt-4o", 3)]);
//! ```

mod cell;
mod command;
mod exported;
mod foreign;
mod install;
mod ipynb;
mod magic;
mod notebook;

use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector, NoSettings, Subject};

/// The plugin.
#[derive(Debug)]
pub struct Notebooks;

impl Detector for Notebooks {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        // A script comes because it is an exported notebook, or because a notebook imports from it.
        if file.path.ends_with(".py") { exported::scan(file) } else { ipynb::scan(file) }
    }
}

impl LinkingDetector for Notebooks {
    fn link(_settings: &NoSettings, subject: &Subject) -> Answer {
        inventar_python::link(subject)
    }
}

inventar_plugin_sdk::linking_detector!(Notebooks);
