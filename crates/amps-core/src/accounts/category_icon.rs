//! Icons of categories: kept as they were given, scaled for devices.

use std::{fmt, io::Cursor};

use image::{
    DynamicImage, ImageFormat, ImageReader, Limits, Pixel as _, Rgba, RgbaImage, imageops::FilterType,
};

/// Bytes in the file of an icon, inclusive.
pub const MAX_ICON_BYTES: usize = 1024 * 1024;
/// Pixels in a row or a column of an icon, inclusive.
pub const MAX_ICON_SIDE_PX: u32 = 4096;
/// What decoding one may take: 16 bits for each of four channels of the largest one, and as much again for tables and rows.
const MAX_DECODING_BYTES: u64 = 2 * 8 * (MAX_ICON_SIDE_PX as u64).pow(2);

/// The icon of a category, a PNG or JPEG as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct CategoryIcon(Vec<u8>);

/// How icons are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IconStyle {
    /// Pixels in a row, at most.
    pub max_width_px: u32,
    /// Rows, at most.
    pub max_height_px: u32,
    /// In which colours.
    pub color: IconColor,
}

/// In which colours an icon is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconColor {
    /// Its own.
    Original,
    /// In shades of grey, as bright as the colours are; what is transparent stays so.
    Monochrome,
}

/// Why a file is not the icon of a category.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IconError {
    /// The file is too large.
    #[error("the icon has {found_bytes} bytes, expected at most {MAX_ICON_BYTES}")]
    TooLarge {
        /// Its size.
        found_bytes: usize,
    },
    /// It is not of a kind that is taken.
    #[error("the icon is neither PNG nor JPEG")]
    Format,
    /// It has too many pixels.
    #[error(
        "the icon has {width_px}x{height_px} pixels, expected at most {MAX_ICON_SIDE_PX}x{MAX_ICON_SIDE_PX}"
    )]
    TooManyPixels {
        /// Pixels in a row.
        width_px: u32,
        /// Rows.
        height_px: u32,
    },
    /// It is damaged.
    #[error("the icon cannot be decoded")]
    Damaged(#[source] image::ImageError),
    /// It cannot be written as PNG.
    #[error("the icon cannot be encoded")]
    Encode(#[source] image::ImageError),
}

impl Default for IconStyle {
    /// 50x50, in colour.
    fn default() -> Self {
        Self { max_width_px: 50, max_height_px: 50, color: IconColor::Original }
    }
}

impl CategoryIcon {
    /// Takes a file if it is an icon: it is decoded as a whole, so that it is known to be sound.
    pub fn read(file: Vec<u8>) -> Result<Self, IconError> {
        if file.len() > MAX_ICON_BYTES {
            return Err(IconError::TooLarge { found_bytes: file.len() });
        }
        decode(&file)?;
        Ok(Self(file))
    }

    /// An icon from the catalog, which was read before. Not decoded again before it is shown.
    pub fn of_catalog(file: Vec<u8>) -> Self {
        Self(file)
    }

    /// The file as it was given.
    pub fn file(&self) -> &[u8] {
        &self.0
    }

    /// As a PNG that fits the style. Never made larger than it is. Takes milliseconds and, for a large one, a few hundred
    /// megabytes: to be kept, not done for each request.
    pub fn png(&self, style: &IconStyle) -> Result<Vec<u8>, IconError> {
        let image = shrunk(decode(&self.0)?.into_rgba8(), style);
        encode(image, style.color)
    }
}

impl IconStyle {
    /// What is shown where there is no icon: nothing, in the right size.
    pub fn placeholder(&self) -> Result<Vec<u8>, IconError> {
        let side = |max_px: u32| max_px.clamp(1, MAX_ICON_SIDE_PX);
        encode(RgbaImage::new(side(self.max_width_px), side(self.max_height_px)), self.color)
    }
}

impl fmt::Debug for CategoryIcon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CategoryIcon({} bytes)", self.0.len())
    }
}

fn decode(file: &[u8]) -> Result<DynamicImage, IconError> {
    let format = image::guess_format(file).map_err(|_| IconError::Format)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err(IconError::Format);
    }
    let reader = || ImageReader::with_format(Cursor::new(file), format);
    // The head says how large it is: a bomb is not unpacked.
    let (width_px, height_px) = reader().into_dimensions().map_err(IconError::Damaged)?;
    if width_px > MAX_ICON_SIDE_PX || height_px > MAX_ICON_SIDE_PX {
        return Err(IconError::TooManyPixels { width_px, height_px });
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_ICON_SIDE_PX);
    limits.max_image_height = Some(MAX_ICON_SIDE_PX);
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    let mut reader = reader();
    reader.limits(limits);
    reader.decode().map_err(IconError::Damaged)
}

fn shrunk(mut image: RgbaImage, style: &IconStyle) -> RgbaImage {
    let (width, height) = image.dimensions();
    let (max_width, max_height) = (style.max_width_px.max(1), style.max_height_px.max(1));
    if width <= max_width && height <= max_height {
        return image;
    }
    // The colour of what is transparent must not shine through: scaled is colour times opacity.
    for Rgba([red, green, blue, alpha]) in image.pixels_mut() {
        for channel in [red, green, blue] {
            *channel = divided(u32::from(*channel) * u32::from(*alpha), 255);
        }
    }
    let mut image =
        DynamicImage::ImageRgba8(image).resize(max_width, max_height, FilterType::CatmullRom).into_rgba8();
    for Rgba([red, green, blue, alpha]) in image.pixels_mut() {
        for channel in [red, green, blue] {
            *channel = divided(u32::from(*channel) * 255, u32::from(*alpha));
        }
    }
    image
}

/// Rounded, at most 255; nothing divided by nothing is nothing.
fn divided(dividend: u32, divisor: u32) -> u8 {
    let quotient = (dividend + divisor / 2).checked_div(divisor).unwrap_or(0);
    u8::try_from(quotient).unwrap_or(u8::MAX)
}

fn encode(mut image: RgbaImage, color: IconColor) -> Result<Vec<u8>, IconError> {
    let image = match color {
        IconColor::Original => DynamicImage::ImageRgba8(image),
        IconColor::Monochrome => {
            for pixel in image.pixels_mut() {
                *pixel = pixel.to_luma_alpha().to_rgba();
            }
            DynamicImage::ImageLumaA8(DynamicImage::ImageRgba8(image).into_luma_alpha8())
        }
    };
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png).map_err(IconError::Encode)?;
    Ok(png.into_inner())
}
