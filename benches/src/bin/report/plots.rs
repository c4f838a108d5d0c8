//! Pictures: a ratio, or a time, over a size.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

/// Where the vertical axis has numbers: a logarithmic one has them at powers of ten only, of which there may be none.
const MARKS: [f64; 14] = [0.2, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0];

/// A line of a picture.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws lines over a logarithmic axis of sizes. With `base`, the ratio at which nothing is lost is drawn too.
pub(crate) fn draw(path: &Path, title: &str, x: &str, y: &str, lines: &[Line], base: Option<f64>) -> Result<(), Box<dyn Error>> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let (left, right) = points().fold((f64::MAX, f64::MIN), |(left, right), point| (left.min(point.0), right.max(point.0)));
    let (low, high) = points().fold((base.unwrap_or(f64::MAX), f64::MIN), |(low, high), point| (low.min(point.1), high.max(point.1)));
    if left >= right {
        return Err(format!("{title}: fewer than two sizes").into());
    }
    let area = SVGBackend::new(path, (760, 380)).into_drawing_area();
    area.fill(&WHITE)?;
    let vertical = (low * 0.8).max(1e-3)..high * 1.25;
    let marks = MARKS.into_iter().filter(|mark| vertical.contains(mark)).collect();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d((left..right).log_scale(), vertical.log_scale().with_key_points(marks))?;
    chart.configure_mesh().x_desc(x).y_desc(y).x_label_formatter(&|x| size(*x)).y_label_formatter(&|y| number(*y)).draw()?;
    if let Some(base) = base {
        chart.draw_series(LineSeries::new([(left, base), (right, base)], BLACK.mix(0.5)))?;
    }
    for (index, line) in lines.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), color.stroke_width(2)).point_size(3))?
            .label(&line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.85)).border_style(BLACK.mix(0.4)).draw()?;
    area.present()?;
    Ok(())
}

fn size(x: f64) -> String {
    match x {
        x if x >= 1e6 => format!("{:.0} M", x / 1e6),
        x if x >= 1e4 => format!("{:.0} k", x / 1e3),
        x => format!("{x:.0}"),
    }
}

fn number(y: f64) -> String {
    if y < 10.0 { format!("{y:.2}") } else { format!("{y:.0}") }
}
