//! `inventar config`: the values in force.

use super::Context;
use super::get::{pretty, print};
use crate::config::{Config, Origin, json_schema};
use crate::exit::Ending;
use crate::present::{Format, Grid, Output, clean, format_among};
use console::Style;
use serde_json::Value;

/// `inventar config view`
pub(crate) fn view(origin: bool, output: Option<&Output>, context: &Context) -> anyhow::Result<Ending> {
    let rows = rows(context);
    let text = match format_among(output, &[Format::Table, Format::Json])? {
        Format::Json => {
            let values = rows.into_iter().map(|(key, value, from)| {
                let value = if origin {
                    serde_json::json!({ "value": value, "origin": from.to_string() })
                } else {
                    value
                };
                (key, value)
            });
            pretty(&Value::Object(values.collect()))
        }
        _ => {
            let header: &[&str] = if origin { &["KEY", "VALUE", "FROM"] } else { &["KEY", "VALUE", ""] };
            let mut grid = Grid::new(header, console::colors_enabled());
            for (key, value, from) in rows {
                let style = if from == Origin::Default { Style::new().dim() } else { Style::new() };
                let from = if origin { from.to_string() } else { String::new() };
                grid.row([key, clean(&in_words(&value)).into_owned(), from], style);
            }
            grid.render(crate::console::stdout_width())
        }
    };
    print(&text)?;
    Ok(Ending::SUCCESS)
}

/// `inventar config schema`
pub(crate) fn schema() -> anyhow::Result<Ending> {
    print(&pretty(&json_schema()))?;
    Ok(Ending::SUCCESS)
}

fn rows(context: &Context) -> Vec<(String, Value, Origin)> {
    let Config { data, output, plugin_files, threads, strict, no_ignore, bind, log_format, plugins, sources } =
        &context.config;
    let texts = |texts: Vec<String>| Value::from(texts);
    let mut rows = vec![
        ("data".to_owned(), context.data.path().display().to_string().into(), data.origin.clone()),
        ("output".into(), texts(output.value.iter().map(Output::to_string).collect()), output.origin.clone()),
        (
            "plugin-files".into(),
            texts(plugin_files.value.iter().map(|path| path.display().to_string()).collect()),
            plugin_files.origin.clone(),
        ),
        ("threads".into(), threads.value.into(), threads.origin.clone()),
        ("strict".into(), strict.value.into(), strict.origin.clone()),
        ("no-ignore".into(), no_ignore.value.into(), no_ignore.origin.clone()),
        ("bind".into(), bind.value.to_string().into(), bind.origin.clone()),
        (
            "log-format".into(),
            format!("{:?}", log_format.value).to_lowercase().into(),
            log_format.origin.clone(),
        ),
    ];
    for (plugin, setting) in plugins {
        rows.push((format!("plugins.{plugin}"), setting.value.clone(), setting.origin.clone()));
    }
    for (name, source) in sources {
        if let Some(path) = &source.path {
            rows.push((
                format!("sources.{name}.path"),
                path.value.display().to_string().into(),
                path.origin.clone(),
            ));
        }
        if let Some(no_ignore) = &source.no_ignore {
            rows.push((
                format!("sources.{name}.no-ignore"),
                no_ignore.value.into(),
                no_ignore.origin.clone(),
            ));
        }
        if let Some(schedule) = &source.schedule {
            rows.push((
                format!("sources.{name}.schedule"),
                schedule.value.to_string().into(),
                schedule.origin.clone(),
            ));
        }
        for (plugin, setting) in &source.plugins {
            rows.push((
                format!("sources.{name}.plugins.{plugin}"),
                setting.value.clone(),
                setting.origin.clone(),
            ));
        }
    }
    rows
}

/// What people would write; nothing: `-`.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "-".into(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
