//! Pictures of contacts: read from a file on this computer, made again as a small
//! square PNG, never fetched from anywhere.

use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
    parts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cardfile_domain::{OperationId, Sentence, part::Avatar, say};
use cardfile_store::{OpKind, Stored};
use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};
use std::{io::Cursor, path::Path};

/// Width and height.
const SIDE: u32 = 128;
/// Largest width and height that is read: a small file can claim any.
const LARGEST: u32 = 12_000;

/// The picture of a contact as base64 of a PNG.
pub fn of(core: &Core, stored: &Stored) -> Result<Option<String>, Error> {
    Ok(parts::of::<Avatar>(core, stored)?.into_iter().next().map(|avatar| avatar.value.png))
}

/// Takes the picture of a file. It is made again from its pixels: nothing else
/// that the file holds (place, camera, other data) is kept.
pub fn set(core: &Core, contact: &str, file: &Path, who: &Who) -> Result<Option<OperationId>, Error> {
    let png = STANDARD.encode(square(file)?);
    let owner = contact::find(core, contact)?;
    let (_, operation) = core.store().write(who.op(OpKind::PartChange, "picture"), |tx| {
        let known = tx.read().parts().of::<Avatar>(owner.row.into())?;
        match known.first() {
            Some(known) => {
                tx.edit_part::<Avatar>(&known.value.id, |avatar, _| avatar.png = png)?;
            }
            None => {
                tx.add_part(Some(owner.row.into()), &Avatar { png, ..Avatar::default() })?;
            }
        }
        Ok::<_, Error>(())
    })?;
    Ok(operation)
}

/// Takes the picture away.
pub fn remove(core: &Core, contact: &str, who: &Who) -> Result<Option<OperationId>, Error> {
    let owner = contact::find(core, contact)?;
    match parts::of::<Avatar>(core, &owner)?.into_iter().next() {
        Some(avatar) => Ok(parts::remove::<Avatar>(core, &avatar.value.id, who)?.1),
        None => Ok(None),
    }
}

fn square(file: &Path) -> Result<Vec<u8>, Error> {
    let bad = |why: Sentence| Error::new(Code::BadFile, say!("{path}: {why}", path = file, why));
    let mut reader =
        ImageReader::open(file).and_then(ImageReader::with_guessed_format).map_err(|error| Error::io(file, &error))?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| bad(say!("no PNG, JPEG, GIF or WebP picture, or a damaged one")))?;
    // The middle first: scaling a line of pixels to a height would take gigabytes.
    let side = picture.width().min(picture.height());
    let middle = picture.crop_imm((picture.width() - side) / 2, (picture.height() - side) / 2, side, side);
    let small = middle.resize_exact(SIDE, SIDE, FilterType::CatmullRom).into_rgba8();
    let mut png = Cursor::new(Vec::new());
    small.write_to(&mut png, ImageFormat::Png).map_err(|_| bad(say!("the picture cannot be written")))?;
    Ok(png.into_inner())
}
