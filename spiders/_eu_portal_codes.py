"""Codes of the EU Funding & Tenders Portal: every one we know, by name. Pure tables.

Sources: the portal's facet answers (2026-07) and recorded rows (2023 to 2026). The portal's own labels lose their plus
signs ("Erasmus  (ERASMUS )"); they stand here as they are meant.
"""

TENDER, TOPIC, EUROPEAID, CASCADE = "0", "1", "2", "8"
"""Types of record: the Commission's tenders, grant topics, calls for proposals of EuropeAid, cascade funding calls."""

FORTHCOMING, OPEN, CLOSED = "31094501", "31094502", "31094503"
STATUSES = {FORTHCOMING: "Forthcoming", OPEN: "Open", CLOSED: "Closed"}
"""Not to be taken for `sortStatus` and `groupById`, where 1 is open and 2 forthcoming."""

MODELS = frozenset({"single-stage", "two-stage", "multiple cut-off"})
"""Values of `deadlineModel` and of `submissionProcedure.abbreviation`."""

PROCEDURES = {
    "47396220": "open",
    "OPEN_PROCEDURE": "open",
    "RESTRICTED_PROCEDURE": "restricted",
}
"""Kinds of procedure (numbers in the index, words in the bulk file) as eForms names them."""
ANNOUNCEMENTS = frozenset({"47396222", "PRIOR_INFORMATION_NOTICE"})
"""A prior information notice: it announces, whatever its dates say."""

ARCHIVE = "SEDIA_PRD_CENTRICITY"
"""DATASOURCE of an archive frozen on 2023-05-26 that still calls its topics open."""

PROGRAMMES = {
    "111111": "EU External Action - Prospect (RELEX-PROSPECT)",
    "31045243": "Horizon 2020 (H2020 - 2014-2020)",
    "31059643": "Competitiveness of Enterprises and SMEs (COSME - 2014-2020)",
    "42810547": "Europe Direct (ED - 2014-2020)",
    "43089234": "Innovation Fund (INNOVFUND)",
    "43108390": "Horizon Europe (HORIZON)",
    "43152860": "Digital Europe Programme (DIGITAL)",
    "43251447": "Asylum, Migration and Integration Fund (AMIF)",
    "43251530": "Border Management and Visa Instrument (BMVI)",
    "43251567": "Connecting Europe Facility (CEF)",
    "43251589": "Citizens, Equality, Rights and Values Programme (CERV)",
    "43251814": "Creative Europe Programme (CREA)",
    "43251842": "Union Anti-fraud Programme (EUAF)",
    "43251882": "Information measures relating to the common agricultural policy (IMCAP)",
    "43252368": "Internal Security Fund (ISF)",
    "43252386": "Justice Programme (JUST)",
    "43252405": "Programme for the Environment and Climate Action (LIFE)",
    "43252433": "Protection of the Euro against Counterfeiting (PERICLES IV)",
    "43252449": "Research Fund for Coal & Steel (RFCS)",
    "43252476": "Single Market Programme (SMP)",
    "43252517": "Social Prerogative and Specific Competencies Lines (SOCPL)",
    "43253967": "Renewable Energy Financing Mechanism (RENEWFM)",
    "43254019": "European Social Fund+ (ESF+)",
    "43254037": "European Solidarity Corps (ESC)",
    "43298203": "Union Civil Protection Mechanism (UCPM)",
    "43298664": "Promotion of Agricultural Products (AGRIP)",
    "43298916": "Euratom Research and Training Programme (EURATOM)",
    "43332642": "EU4Health Programme (EU4H)",
    "43353764": "Erasmus+ (ERASMUS+)",
    "43392145": "European Maritime, Fisheries and Aquaculture Fund (EMFAF)",
    "43637601": "Pilot Projects & Preparatory Actions (PPPA)",
    "43697167": "European Parliament (EP)",
    "44181033": "European Defence Fund (EDF)",
    "44416173": "Interregional Innovation Investments Instrument (I3)",
    "44773066": "Just Transition Mechanism (JTM)",
    "44773133": "Information Measures for the EU Cohesion policy (IMREG)",
    "45532249": "EU Bodies and Agencies (EUBA)",
    "45876777": "Neighbourhood, Development and International Cooperation Instrument - Global Europe (NDICI)",
    "46324255": "Technical assistance for ERDF, CF and JTF (ERDF-TA)",
    "47376280": "EU External Action - eGrants (RELEX2027)",
    "47786028": "Business and Consumer Surveys Programme (BCS)",
}
"""Framework programmes; `programmePeriod` ("2021 - 2027") is not one."""
