// Package lint looks for what is legal in an organisation but hardly meant, and for machines and sites whose loss stops mail.
//
//	for _, f := range lint.Warnings(org) {
//		fmt.Println(f.Code, f.Kind, f.Object, f.Text) // L002 site 3 the site has no hub, …
//	}
//
// What flows in: an immutable topology.Organisation. What flows out: findings, each with a code that never changes its meaning, the
// object it is about and a sentence. Codes up to L009 are warnings: the organisation does something else than it says. Those from
// L101 on are single points of failure: it does what it says until one thing breaks. docs/rules/warnings.md has an entry for each.
//
// The same organisation gives the same findings in the same order. It knows no files: whoever read the organisation from one knows
// where an object stands in it. It imports topology and topology/route; it must never import sim, scenarios, or anything that knows
// a clock, a file or a random number.
package lint
