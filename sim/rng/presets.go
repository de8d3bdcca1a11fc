package rng

const (
	kib = 1024.0
	mib = 1024 * kib
)

// SizePresets are the names that SizePreset knows.
func SizePresets() []string {
	return []string{"size.office-75k", "size.office-75k-35m", "size.smooth-75k", "size.hub-2002", "size.list-ham", "size.spam"}
}

// SizePreset returns a message size distribution in bytes by its name (workload 3.2); false for an unknown name.
func SizePreset(name string) (Dist, bool) {
	var d Dist
	var err error
	switch name {
	case "size.office-75k": // the default: mean 75 KiB, as in sizing tables
		d, err = LognormalUpTo(9.3300, 2.0, 10*mib)
	case "size.office-75k-35m": // the same mean where the limit is 35 MiB
		d, err = LognormalUpTo(9.2681, 2.0, 35*mib)
	case "size.smooth-75k": // the same mean with a lighter tail
		d, err = LognormalUpTo(10.1298, 1.5, 10*mib)
	case "size.hub-2002": // workload 3.1 (a)
		d, err = hub2002()
	case "size.list-ham": // mailing lists of 2002
		d, err = Lognormal(8.137, 0.708)
	case "size.spam":
		d, err = Lognormal(8.412, 0.762)
	default:
		return Dist{}, false
	}
	return must(name, d, err), true
}

// hub2002 is the published table of a mail hub. Its last bucket, 0.04 % from 2 MiB on, is taken to end at 4 MiB like a bucket of its
// kind: that gives the stated mean of 53 kB.
func hub2002() (Dist, error) {
	return Buckets(
		[]float64{900, 2 * kib, 4 * kib, 8 * kib, 16 * kib, 32 * kib, 64 * kib, 128 * kib, 256 * kib, 512 * kib, 1 * mib, 2 * mib, 4 * mib},
		[]float64{.2353, .4917, .6760, .7958, .8536, .9047, .9330, .9574, .9724, .9849, .9996, 1})
}

// RecipientsPresets are the names that RecipientsPreset knows.
func RecipientsPresets() []string { return []string{"rcpt.internal", "rcpt.zipf"} }

// RecipientsPreset returns a distribution of recipients per message by its name (workload 4); false for an unknown name.
func RecipientsPreset(name string) (Dist, bool) {
	var d Dist
	var err error
	switch name {
	case "rcpt.internal":
		// Internal mail of an EU institution, at most 24 recipients kept. The published table ends at 20; the share that reaches 24
		// is the one with which the mean is the published 1.496.
		d, err = AtLeast([]Share{{1, 1}, {2, .1709}, {3, .0849}, {4, .0555}, {5, .0385}, {6, .0275}, {8, .0150}, {10, .0110}, {15, .0059},
			{20, .0017}, {24, .00148}})
	case "rcpt.zipf":
		// The fits lie between 2.3 and 2.8; the largest message of both sets had 57 recipients. Exponent and end are ours.
		d, err = Zipf(2.5, 100)
	default:
		return Dist{}, false
	}
	return must(name, d, err), true
}

// must returns d; the presets' constants are right, or a test would have said so.
func must(name string, d Dist, err error) Dist {
	if err != nil {
		panic("rng: preset " + name + ": " + err.Error())
	}
	return d
}
