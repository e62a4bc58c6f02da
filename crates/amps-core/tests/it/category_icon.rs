//! Icons of categories: what is taken, and what devices get.

use std::io::Cursor;

use amps_core::accounts::{CategoryIcon, IconColor, IconError, IconStyle, MAX_ICON_BYTES, MAX_ICON_SIDE_PX};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    file(RgbaImage::from_fn(width, height, |x, y| Rgba(pixel(x, y))), ImageFormat::Png)
}

fn shown(icon: Vec<u8>, style: &IconStyle) -> DynamicImage {
    let png = CategoryIcon::read(icon).unwrap().png(style).unwrap();
    image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap()
}

fn size(image: &DynamicImage) -> (u32, u32) {
    (image.width(), image.height())
}

#[test]
fn an_icon_is_kept_as_it_is_and_scaled_to_fit() {
    let red = |width, height| png(width, height, |_, _| [200, 10, 10, 255]);
    let style = IconStyle::default();
    for (given, expected) in [
        ((200, 100), (50, 25)),
        ((100, 200), (25, 50)),
        ((50, 50), (50, 50)),
        ((7, 3), (7, 3)),
        ((1000, 1), (50, 1)),
    ] {
        let image = shown(red(given.0, given.1), &style);
        assert_eq!(size(&image), expected);
        assert_eq!(image.to_rgba8().get_pixel(0, 0), &Rgba([200, 10, 10, 255]));
    }
    let wide = IconStyle { max_width_px: 80, max_height_px: 20, ..style };
    assert_eq!(size(&shown(red(160, 160), &wide)), (20, 20));
    let nothing = IconStyle { max_width_px: 0, max_height_px: 0, ..style };
    assert_eq!(size(&shown(red(160, 160), &nothing)), (1, 1));
    let given = red(60, 60);
    assert_eq!(CategoryIcon::read(given.clone()).unwrap().file(), given);
}

#[test]
fn the_colour_of_what_is_transparent_does_not_shine_through() {
    // Columns of opaque white and of transparent red.
    let striped = png(200, 200, |x, _| if x % 2 == 0 { [255; 4] } else { [255, 0, 0, 0] });
    let image = shown(striped, &IconStyle::default()).to_rgba8();
    for Rgba([red, green, blue, alpha]) in image.pixels() {
        assert!([red, green, blue].iter().all(|&&channel| channel > 250), "{red} {green} {blue}");
        assert!((100..160).contains(alpha), "{alpha}");
    }
}

#[test]
fn monochrome_is_grey_with_alpha() {
    let style = IconStyle { color: IconColor::Monochrome, ..IconStyle::default() };
    let image = shown(png(20, 20, |x, _| if x < 10 { [255, 0, 0, 255] } else { [0, 255, 0, 40] }), &style);
    let DynamicImage::ImageLumaA8(image) = image else { panic!("{:?}", image.color()) };
    let ([red, red_alpha], [green, green_alpha]) = (image.get_pixel(0, 0).0, image.get_pixel(15, 0).0);
    assert!(red < green, "{red} {green}");
    assert_eq!((red_alpha, green_alpha), (255, 40));
}

#[test]
fn jpeg_is_taken_too() {
    let jpeg = file(image::RgbImage::from_pixel(100, 60, image::Rgb([9, 9, 200])), ImageFormat::Jpeg);
    let image = shown(jpeg, &IconStyle::default());
    assert_eq!(size(&image), (50, 30));
}

#[test]
fn what_is_no_icon_is_refused() {
    let sound = png(10, 10, |x, y| [x.to_le_bytes()[0], y.to_le_bytes()[0], 0, 255]);
    for wrong in [&b""[..], b"no icon", b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WEBPVP8 ", b"BM"] {
        assert!(matches!(CategoryIcon::read(wrong.to_vec()), Err(IconError::Format)), "{wrong:?}");
    }
    // The last chunk, of 12 bytes, says only that it is the last.
    for kept in 8..sound.len() - 12 {
        assert!(CategoryIcon::read(sound[..kept].to_vec()).is_err(), "{kept}");
    }
    let mut flipped = sound.clone();
    flipped[45] ^= 1;
    assert!(matches!(CategoryIcon::read(flipped), Err(IconError::Damaged(_))));
    let mut padded = sound;
    padded.resize(MAX_ICON_BYTES, 0);
    assert!(CategoryIcon::read(padded.clone()).is_ok());
    padded.push(0);
    assert!(matches!(CategoryIcon::read(padded), Err(IconError::TooLarge { .. })));
}

#[test]
fn bombs_are_not_unpacked() {
    let side = MAX_ICON_SIDE_PX;
    let flat = |width, height| file(image::GrayImage::new(width, height), ImageFormat::Png);
    assert_eq!(size(&shown(flat(side, side), &IconStyle::default())), (50, 50));
    for (width, height) in [(side + 1, 1), (1, side + 1), (20_000, 20_000)] {
        // The largest one is only said to be so large: 400 MB of zeros are not made here.
        let mut bomb = flat(width.min(side + 1), 1);
        bomb[16..20].copy_from_slice(&width.to_be_bytes());
        bomb[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        let found = CategoryIcon::read(bomb).unwrap_err();
        assert!(
            matches!(found, IconError::TooManyPixels { width_px, height_px } if (width_px, height_px) == (width, height)),
            "{found}"
        );
    }
}

/// Bit by bit: the checksum of a chunk of a PNG.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn a_placeholder_is_empty_and_of_the_right_size() {
    for color in [IconColor::Original, IconColor::Monochrome] {
        let style = IconStyle { max_width_px: 30, max_height_px: 20, color };
        let image = image::load_from_memory(&style.placeholder().unwrap()).unwrap();
        assert_eq!(size(&image), (30, 20));
        assert!(image.to_rgba8().pixels().all(|pixel| pixel.0[3] == 0));
    }
}
