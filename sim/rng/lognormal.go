package rng

// Lognormal is e to the power of a normal number with mean mu and standard deviation sigma (0 to 10): its median is e^mu.
func Lognormal(mu, sigma float64) (Dist, error) {
	if err := check("lognormal", "mu", mu, mu >= -600 && mu <= 600, "between -600 and 600"); err != nil {
		return Dist{}, err
	}
	if err := check("lognormal", "sigma", sigma, sigma >= 0 && sigma <= 10, "between 0 and 10"); err != nil {
		return Dist{}, err
	}
	if sigma == 0 {
		return Constant(Exp(mu)), nil
	}
	return Dist{kind: lognormal, a: mu, b: sigma}, nil
}

// LognormalUpTo is Lognormal on the condition that the number is not above limit: as if numbers above were drawn again, not as if
// they were cut down to limit. That is what the published mean of the size presets means (workload 3.2): with mu 9.33, sigma 2 and
// 10 MiB the conditional mean is 76,800 as stated, that of cut numbers would be 80,086.
func LognormalUpTo(mu, sigma, limit float64) (Dist, error) {
	d, err := Lognormal(mu, sigma)
	if err != nil {
		return Dist{}, err
	}
	if err := check("lognormal", "limit", limit, limit >= Exp(mu-3*sigma), "finite and no less than three sigma below the median"); err != nil {
		return Dist{}, err
	}
	if sigma == 0 {
		return d, nil
	}
	d.kind, d.limit = cutLognormal, limit
	d.c = normalCDF((Log(limit) - mu) / sigma)
	return d, nil
}

// LognormalMean is the lognormal distribution with this mean (of the distribution, not of its logarithm) and sigma.
func LognormalMean(mean, sigma float64) (Dist, error) {
	if err := check("lognormal", "mean", mean, mean > 0, "finite and above 0"); err != nil {
		return Dist{}, err
	}
	return Lognormal(Log(mean)-float64(sigma*sigma)/2, sigma)
}

// LognormalMedianP95 is the lognormal distribution with this median and 95 % quantile.
func LognormalMedianP95(median, p95 float64) (Dist, error) {
	if err := check("lognormal", "median", median, median > 0, "finite and above 0"); err != nil {
		return Dist{}, err
	}
	if err := check("lognormal", "p95", p95, p95 >= median, "finite and at least the median"); err != nil {
		return Dist{}, err
	}
	return Lognormal(Log(median), Log(p95/median)/NormalQuantile(0.95))
}

func lognormalMoments(mu, sigma float64) (mean, variance float64) {
	s2 := float64(sigma * sigma)
	mean = Exp(mu + s2/2)
	return mean, mean * mean * (Exp(s2) - 1)
}

// cutLognormalMoments: below the limit, x^k has the mean of the whole times the share that a normal distribution shifted by k*sigma
// has there, over the share of the distribution itself.
func cutLognormalMoments(mu, sigma, share float64) (mean, variance float64) {
	z := NormalQuantile(share)
	s2 := float64(sigma * sigma)
	mean = Exp(mu+s2/2) * normalCDF(z-sigma) / share
	square := Exp(2*(mu+s2)) * normalCDF(z-2*sigma) / share
	return mean, max(0, square-float64(mean*mean))
}
