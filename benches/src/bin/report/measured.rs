//! What criterion has measured: the samples of each benchmark.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One benchmark: a way to do a task, perhaps at a size.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The task.
    pub(crate) group: String,
    /// `native`, `wasmtime`, `sandbox`, `rust`, …
    pub(crate) way: String,
    /// What the task was done with: a number of bytes, a kind of data.
    pub(crate) value: Option<String>,
    /// Times for one turn in nanoseconds, sorted.
    samples: Vec<f64>,
    /// How many elements one turn has, where that is more than one.
    elements: f64,
}

impl Measured {
    /// Returns the time of which this part of all samples is shorter, for one element, in nanoseconds.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let last = self.samples.len().saturating_sub(1);
        self.samples.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN) / self.elements
    }

    /// Returns the median, for one element, in nanoseconds.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

/// Reads all results below criterion's folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}; run the benchmarks first", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        if folder.ends_with("new") && folder.join("benchmark.json").is_file() {
            found.push(one(&folder)?);
        }
    }
    Ok(found)
}

fn one(folder: &Path) -> Result<Measured, Box<dyn Error>> {
    let json = |name: &str| -> Result<Value, Box<dyn Error>> {
        let path: PathBuf = folder.join(name);
        Ok(serde_json::from_str(&fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?)?)
    };
    let (id, sample) = (json("benchmark.json")?, json("sample.json")?);
    let numbers = |name: &str| -> Vec<f64> { sample[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    let mut samples: Vec<f64> = numbers("times").iter().zip(numbers("iters")).map(|(time, turns)| time / turns).collect();
    samples.sort_by(f64::total_cmp);
    let text = |name: &str| id[name].as_str().map(str::to_owned);
    Ok(Measured {
        group: text("group_id").ok_or("a benchmark without a group")?,
        way: text("function_id").ok_or("a benchmark without a name")?,
        value: text("value_str"),
        samples,
        elements: id["throughput"]["Elements"].as_f64().unwrap_or(1.0),
    })
}
