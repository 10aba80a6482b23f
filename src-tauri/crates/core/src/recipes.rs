//! Recipes: exports with a name, so that the same file comes out next month.

use crate::{
    core::{Core, Who},
    error::Error,
    export::{self, ExportFormat, ExportRequest},
    parts,
    view::{self, ViewRequest},
};
use cardfile_domain::{Filter, OperationId, say, segment::Recipe, text::fold_label};
use cardfile_formats::{
    csv_export::{Options, Preset, Profile},
    layouts::{LAYOUTS, Layout},
};
use std::path::PathBuf;

/// All recipes: ours first, which have no id, then those that were saved.
pub fn all(core: &Core) -> Result<Vec<Recipe>, Error> {
    let built_in = LAYOUTS.iter().map(|Layout { label: name, format, columns }| Recipe {
        name: (*name).to_owned(),
        format: (*format).to_owned(),
        columns: columns.iter().map(|(key, heading)| ((*key).to_owned(), (*heading).to_owned())).collect(),
        separator: ",".to_owned(),
        ..Recipe::default()
    });
    let saved = core.store().read(|r| r.parts().of_nobody::<Recipe>())?;
    Ok(built_in.chain(saved.into_iter().map(|stored| stored.value)).collect())
}

/// The recipe with this id or name.
pub fn find(core: &Core, name: &str) -> Result<Recipe, Error> {
    let wanted = fold_label(name);
    let found =
        all(core)?.into_iter().find(|one| (!one.id.is_empty() && one.id == name) || fold_label(&one.name) == wanted);
    found.ok_or_else(|| Error::not_found(say!("the recipe {name}", name)))
}

/// Saves a recipe; one with its id is changed. Gives its id.
pub fn put(core: &Core, recipe: &Recipe, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let name = recipe.name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("a recipe needs a name")));
    }
    let wanted = fold_label(name);
    let known = all(core)?;
    if known.iter().any(|known| (known.id.is_empty() || known.id != recipe.id) && fold_label(&known.name) == wanted) {
        return Err(Error::bad_request(say!("there is a recipe {name} already", name)));
    }
    let fields = core.custom_fields()?;
    export::check_columns(&format_of(recipe)?, &fields)?;
    let filter = Filter::parse(&recipe.filter).map_err(|e| Error::bad_request(e.sentence()))?.to_string();
    let known = known.iter().find(|known| !recipe.id.is_empty() && known.id == recipe.id);
    let created_at = known.map_or_else(|| core.store().environment().clock.now(), |known| known.created_at);
    let recipe = Recipe { name: name.to_owned(), filter, created_at, ..recipe.clone() };
    parts::put(core, None, &recipe, who)
}

/// The export that a recipe stands for, to a file.
pub fn request(core: &Core, recipe: &Recipe, file: PathBuf) -> Result<ExportRequest, Error> {
    let filter = &recipe.filter;
    let rows = match filter.trim() {
        "" => None,
        _ => Some(view::resolve(core, &ViewRequest { filter: filter.clone(), ..ViewRequest::default() })?.1),
    };
    let what =
        [recipe.name.as_str(), filter].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
    Ok(ExportRequest { file, format: format_of(recipe)?, rows, what, hours: 0, purpose: None })
}

/// The format with its columns.
pub fn format_of(recipe: &Recipe) -> Result<ExportFormat, Error> {
    let preset = match &recipe.columns[..] {
        [] => Preset::Reference,
        [(one, _)] if one == "reference" => Preset::Reference,
        [(one, _)] if one == "complete" => Preset::Complete,
        columns => Preset::Named(columns.to_vec()),
    };
    Ok(match recipe.format.as_str() {
        "csv" => ExportFormat::Csv(Options {
            preset,
            profile: if recipe.spreadsheet { Profile::Spreadsheet } else { Profile::Program },
            separator: match recipe.separator.as_bytes() {
                [] => b',',
                [one] if one.is_ascii() && !matches!(one, b'"' | b'\n' | b'\r') => *one,
                _ => return Err(Error::bad_request(say!("between cells stands one character, and no quote"))),
            },
            bom: recipe.bom,
        }),
        "xlsx" => ExportFormat::Xlsx(preset),
        "parquet" => ExportFormat::Parquet(preset),
        "vcard" => ExportFormat::Vcard,
        "ndjson" => ExportFormat::Ndjson,
        "everything" => ExportFormat::Everything,
        other => return Err(Error::bad_request(say!("there is no format {other}", other))),
    })
}
