const { createJimp } = require('@jimp/core')
const { default: jpeg } = require('@jimp/js-jpeg')
const { default: png } = require('@jimp/js-png')
const cover = require('@jimp/plugin-cover')
const crop = require('@jimp/plugin-crop')
const resize = require('@jimp/plugin-resize')

/** Jimp with the two formats and the three operations that thumbnails need. All of Jimp would be four times the size to load. */
exports.Image = createJimp({ formats: [jpeg, png], plugins: [resize.methods, crop.methods, cover.methods] })
