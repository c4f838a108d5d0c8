//! Shrinking and putting pictures next to each other, on `Rgba8`.

use example_libpng::{Image, PixelFormat};

/// Shrinks an `Rgba8` image to fit into a square; each pixel is the average of those it covers. Small images stay as they are.
pub(crate) fn shrink(image: &Image, size: u32) -> Option<Image> {
    let (width, height) = (u64::from(image.width()), u64::from(image.height()));
    let most = width.max(height).max(size.into());
    let (to_width, to_height) = ((width * u64::from(size) / most).max(1), (height * u64::from(size) / most).max(1));
    let (to_width, to_height) = if most == u64::from(size) { (width, height) } else { (to_width, to_height) };
    let rows: Vec<&[[u8; 4]]> = image.pixels().as_chunks::<4>().0.chunks_exact(image.width() as usize).collect();
    let span = |at: u64, to: u64, from: u64| (at * from / to) as usize..((at + 1) * from / to).max(at * from / to + 1) as usize;
    let mut pixels = Vec::with_capacity((to_width * to_height * 4) as usize);
    for y in 0..to_height {
        let covered = rows.get(span(y, to_height, height))?;
        for x in 0..to_width {
            let columns = span(x, to_width, width);
            let mut sum = [0u64; 4];
            let mut count = 0;
            for [r, g, b, a] in covered.iter().flat_map(|row| row.get(columns.clone()).unwrap_or_default()) {
                // Weighed by alpha: what is invisible gives no colour.
                let weight = u64::from(*a);
                sum = [sum[0] + u64::from(*r) * weight, sum[1] + u64::from(*g) * weight, sum[2] + u64::from(*b) * weight, sum[3] + weight];
                count += 1;
            }
            let [r, g, b, a] = sum;
            let mean = |sum: u64| sum.checked_div(a).unwrap_or(0) as u8;
            pixels.extend([mean(r), mean(g), mean(b), (a / u64::max(count, 1)) as u8]);
        }
    }
    Image::new(to_width as u32, to_height as u32, PixelFormat::Rgba8, pixels)
}

/// A large picture on which others are put.
#[cfg(feature = "native")]
pub(crate) struct Canvas {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

#[cfg(feature = "native")]
impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, pixels: vec![[236, 236, 240, 255]; width * height] }
    }

    /// Puts an image over a chequered ground, each pixel `zoom` times as wide and high; what does not fit is cut off.
    pub(crate) fn put(&mut self, image: &Image, left: usize, top: usize, zoom: usize) {
        let wide = image.width() as usize;
        for (index, [r, g, b, a]) in image.pixels().as_chunks::<4>().0.iter().enumerate() {
            let (x, y) = (index % wide, index / wide);
            for (dx, dy) in (0..zoom * zoom).map(|at| (at % zoom, at / zoom)) {
                let (x, y) = (left + x * zoom + dx, top + y * zoom + dy);
                let ground = if (x / 8 + y / 8) % 2 == 0 { 255 } else { 204 };
                let over = |color: u8| ((u32::from(color) * u32::from(*a) + ground * (255 - u32::from(*a))) / 255) as u8;
                self.set(x, y, [over(*r), over(*g), over(*b), 255]);
            }
        }
    }

    /// Draws a red cross, for an image that was refused.
    pub(crate) fn cross(&mut self, left: usize, top: usize, size: usize) {
        for at in 0..size {
            for thick in 0..4 {
                self.set(left + at, top + (at + thick).min(size - 1), [200, 30, 30, 255]);
                self.set(left + at, top + (size - 1 - at).saturating_sub(thick), [200, 30, 30, 255]);
            }
        }
    }

    fn set(&mut self, x: usize, y: usize, color: [u8; 4]) {
        if x < self.width
            && let Some(pixel) = self.pixels.get_mut(y * self.width + x)
        {
            *pixel = color;
        }
    }

    pub(crate) fn into_image(self) -> Option<Image> {
        let height = self.pixels.len() / self.width;
        Image::new(self.width as u32, height as u32, PixelFormat::Rgba8, self.pixels.into_flattened())
    }
}
