package demo

// Question is a query the demonstration answers or suggests.
type Question struct {
	Title string
	Tier  string
	SQL   string
}

// Headlines are the figures the demonstration shows.
func Headlines() []Question {
	return []Question{
		{
			Title: "Local share of procurement, by where suppliers deliver from (synthetic ledgers)", Tier: "open",
			SQL: `select body_code, financial_year, spend_gbp, local_gbp, round(local_share_of_total, 4) as local_share,
       round(lower_share, 4) as lower_share, round(upper_share, 4) as upper_share
from spend.local_spend
where breakdown = 'all' and local_definition = 'delivery_branch'
order by body_code, financial_year`,
		},
		{
			Title: "Neighbourhoods among the most deprived tenth of England, by district (real)", Tier: "open",
			SQL: `select area_name, iod_edition, lsoas, round(decile_1_share, 4) as decile_1_share
from geo.area_summary
order by iod_edition, area_name`,
		},
	}
}

// Queries are two questions to try.
func Queries() []Question {
	return []Question{
		{Tier: "open", SQL: `select lad_name, count(*) as lsoas from geo.lsoa where iod_edition = '2019' and imd_decile = 1 group by lad_name order by lsoas desc`},
		{Tier: "spend", SQL: `select flow_class, count(*) as lines, sum(amount_gbp) as amount_gbp from spend.payments group by flow_class order by amount_gbp desc`},
	}
}
