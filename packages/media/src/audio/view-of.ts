// The part of an array that a result fills. An array of just that length is the result itself: a view of it would be
// garbage for each frame.

/** The first `length` elements, uncopied. */
export function viewOf<View extends Int16Array | Uint8Array>(whole: View, length: number): View {
  return whole.length === length ? whole : (whole.subarray(0, length) as View);
}
