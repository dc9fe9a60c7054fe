"""Substances of chemistry and environment as facts: CAS Registry Numbers and names, German, English, formulas.

A line is one substance as industry trades it: hydrates, grades and solutions together; one that begins with a bar
goes on. The first number is the one that stands for it; streams that have none, as sludges, begin with a dash.
"""

from typing import Final

_ACIDS_AND_BASES = """
7647-01-0 | Salzsäure | Chlorwasserstoff | Chlorwasserstoffsäure | hydrochloric acid | hydrogen chloride
    | muriatic acid | HCl
7664-93-9 | Schwefelsäure | Dünnsäure | Akkusäure | sulfuric acid | battery acid | H2SO4
8014-95-7 | Oleum | rauchende Schwefelsäure | fuming sulfuric acid
7697-37-2 | Salpetersäure | nitric acid | Scheidewasser | HNO3
7664-38-2 | Phosphorsäure | Orthophosphorsäure | phosphoric acid | orthophosphoric acid | H3PO4
7664-39-3 | Flusssäure | Flußsäure | Fluorwasserstoff | Fluorwasserstoffsäure | hydrofluoric acid
    | hydrogen fluoride | HF
10035-10-6 | Bromwasserstoff | Bromwasserstoffsäure | hydrobromic acid | hydrogen bromide | HBr
64-19-7 | Essigsäure | Ethansäure | Eisessig | acetic acid | ethanoic acid | CH3COOH
64-18-6 | Ameisensäure | Methansäure | formic acid | methanoic acid | HCOOH
79-09-4 | Propionsäure | Propansäure | propionic acid | propanoic acid
107-92-6 | Buttersäure | Butansäure | butyric acid | butanoic acid
50-21-5 | Milchsäure | lactic acid
77-92-9 5949-29-1 | Zitronensäure | Citronensäure | citric acid
144-62-7 6153-56-6 | Oxalsäure | Kleesäure | oxalic acid
110-15-6 | Bernsteinsäure | succinic acid
124-04-9 | Adipinsäure | adipic acid
87-69-4 | Weinsäure | tartaric acid
5329-14-6 | Amidosulfonsäure | Sulfaminsäure | Amidoschwefelsäure | sulfamic acid
75-75-2 | Methansulfonsäure | methanesulfonic acid | MSA
10043-35-3 | Borsäure | boric acid | H3BO3
79-21-0 | Peressigsäure | peracetic acid
79-10-7 | Acrylsäure | acrylic acid
65-85-0 | Benzoesäure | benzoic acid
57-11-4 | Stearinsäure | stearic acid
1310-73-2 | Natronlauge | Natriumhydroxid | Ätznatron | caustic soda | sodium hydroxide | lye | NaOH
1310-58-3 | Kalilauge | Kaliumhydroxid | Ätzkali | caustic potash | potassium hydroxide | KOH
1310-65-2 1310-66-3 | Lithiumhydroxid | lithium hydroxide | LiOH
1305-62-0 | Calciumhydroxid | Löschkalk | Kalkhydrat | Weißkalkhydrat | Kalkmilch | slaked lime | hydrated lime
    | milk of lime | calcium hydroxide | Ca(OH)2
1305-78-8 | Calciumoxid | Branntkalk | gebrannter Kalk | quicklime | burnt lime | calcium oxide | CaO
1309-42-8 | Magnesiumhydroxid | magnesium hydroxide | Mg(OH)2
1309-48-4 | Magnesiumoxid | Magnesia | magnesium oxide | MgO
7664-41-7 1336-21-6 | Ammoniak | Ammoniakwasser | Salmiakgeist | ammonia | aqueous ammonia | ammonia water
    | ammonium hydroxide | NH3
57-13-6 | Harnstoff | urea | carbamide
"""

_SALTS = """
7647-14-5 | Natriumchlorid | Kochsalz | Steinsalz | Siedesalz | Streusalz | Auftausalz | Sole | sodium chloride
    | rock salt | table salt | road salt | brine | NaCl
497-19-8 6132-02-1 | Natriumcarbonat | Soda | Kristallsoda | sodium carbonate | soda ash | washing soda | Na2CO3
144-55-8 | Natriumhydrogencarbonat | Natriumbicarbonat | Natron | Speisenatron | sodium hydrogen carbonate
    | sodium bicarbonate | baking soda | NaHCO3
7757-82-6 7727-73-3 | Natriumsulfat | Glaubersalz | sodium sulfate | Glauber's salt | Na2SO4
7757-83-7 | Natriumsulfit | sodium sulfite | Na2SO3
7631-90-5 | Natriumhydrogensulfit | Natriumbisulfit | sodium bisulfite | sodium hydrogen sulfite | NaHSO3
7681-57-4 | Natriumdisulfit | Natriummetabisulfit | sodium metabisulfite | sodium disulfite | Na2S2O5
7772-98-7 10102-17-7 | Natriumthiosulfat | Fixiersalz | sodium thiosulfate | Na2S2O3
1313-82-2 | Natriumsulfid | sodium sulfide | Na2S
7631-99-4 | Natriumnitrat | Chilesalpeter | Natronsalpeter | sodium nitrate | NaNO3
7632-00-0 | Natriumnitrit | sodium nitrite | NaNO2
7681-52-9 | Natriumhypochlorit | Chlorbleichlauge | Bleichlauge | sodium hypochlorite | bleach | NaOCl | NaClO
7775-09-9 | Natriumchlorat | sodium chlorate | NaClO3
7758-19-2 | Natriumchlorit | sodium chlorite | NaClO2
7647-15-6 | Natriumbromid | sodium bromide | NaBr
7681-49-4 | Natriumfluorid | sodium fluoride | NaF
1344-09-8 | Wasserglas | Natronwasserglas | Natriumsilicat | water glass | sodium silicate
7601-54-9 | Trinatriumphosphat | Natriumphosphat | trisodium phosphate | sodium phosphate | Na3PO4
127-09-3 | Natriumacetat | sodium acetate
141-53-7 | Natriumformiat | sodium formate
1303-96-4 1330-43-4 | Borax | Natriumtetraborat | Dinatriumtetraborat | sodium tetraborate
    | disodium tetraborate
15630-89-4 | Natriumpercarbonat | sodium percarbonate
1302-42-7 11138-49-1 | Natriumaluminat | sodium aluminate
7447-40-7 | Kaliumchlorid | Chlorkalium | potassium chloride | muriate of potash | KCl
584-08-7 | Kaliumcarbonat | Pottasche | potassium carbonate | pearl ash | K2CO3
7757-79-1 | Kaliumnitrat | Kalisalpeter | potassium nitrate | saltpetre | saltpeter | KNO3
7778-80-5 | Kaliumsulfat | potassium sulfate | sulfate of potash | K2SO4
7722-64-7 | Kaliumpermanganat | potassium permanganate | KMnO4
10043-52-4 10035-04-8 | Calciumchlorid | calcium chloride | CaCl2
471-34-1 1317-65-3 | Calciumcarbonat | Kalkstein | Kalksteinmehl | Kreide | calcium carbonate | limestone
    | chalk | CaCO3
7778-18-9 10101-41-4 13397-24-5 | Calciumsulfat | Gips | REA-Gips | Anhydrit | calcium sulfate | gypsum
    | FGD gypsum | anhydrite | CaSO4
7789-75-5 | Calciumfluorid | Flussspat | calcium fluoride | fluorspar | CaF2
10124-37-5 13477-34-4 | Calciumnitrat | Kalksalpeter | calcium nitrate
7758-87-4 | Tricalciumphosphat | Calciumphosphat | tricalcium phosphate | calcium phosphate
16389-88-1 | Dolomit | dolomite
7487-88-9 10034-99-8 | Magnesiumsulfat | Bittersalz | Kieserit | magnesium sulfate | Epsom salt | kieserite
    | MgSO4
7786-30-3 7791-18-6 | Magnesiumchlorid | magnesium chloride | MgCl2
546-93-0 | Magnesiumcarbonat | Magnesit | magnesium carbonate | magnesite | MgCO3
7783-20-2 | Ammoniumsulfat | schwefelsaures Ammoniak | Ammonsulfat | ammonium sulfate | (NH4)2SO4
12125-02-9 | Ammoniumchlorid | Salmiak | ammonium chloride | sal ammoniac | NH4Cl
6484-52-2 | Ammoniumnitrat | Ammonsalpeter | ammonium nitrate | NH4NO3
7783-28-0 | Diammoniumphosphat | Diammoniumhydrogenphosphat | diammonium phosphate | DAP
7722-76-1 | Monoammoniumphosphat | Ammoniumdihydrogenphosphat | monoammonium phosphate
7785-21-9 13478-16-5 | Struvit | Magnesiumammoniumphosphat | struvite | magnesium ammonium phosphate
7775-27-1 | Natriumpersulfat | Natriumperoxodisulfat | sodium persulfate | sodium peroxodisulfate
7727-54-0 | Ammoniumpersulfat | Ammoniumperoxodisulfat | ammonium persulfate | ammonium peroxodisulfate
"""

_METALS = """
7705-08-0 10025-77-1 | Eisen(III)-chlorid | Eisentrichlorid | iron(III) chloride | ferric chloride | FeCl3
7758-94-3 | Eisen(II)-chlorid | iron(II) chloride | ferrous chloride | FeCl2
7720-78-7 7782-63-0 | Eisen(II)-sulfat | Grünsalz | Eisenvitriol | iron(II) sulfate | ferrous sulfate | copperas
    | green vitriol | FeSO4
10028-22-5 | Eisen(III)-sulfat | iron(III) sulfate | ferric sulfate | Fe2(SO4)3
1309-37-1 | Eisen(III)-oxid | Eisenoxid | Hämatit | iron(III) oxide | iron oxide | hematite | Fe2O3
10043-01-3 | Aluminiumsulfat | aluminium sulfate | aluminum sulfate | Al2(SO4)3
1327-41-9 | Polyaluminiumchlorid | Aluminiumhydroxidchlorid | polyaluminium chloride | polyaluminum chloride
    | aluminium chlorohydrate | PAC
7446-70-0 | Aluminiumchlorid | aluminium chloride | aluminum chloride | AlCl3
1344-28-1 | Aluminiumoxid | Tonerde | Korund | aluminium oxide | aluminum oxide | alumina | Al2O3
21645-51-2 | Aluminiumhydroxid | Tonerdehydrat | aluminium hydroxide | aluminum hydroxide | alumina trihydrate
    | Al(OH)3
13463-67-7 | Titandioxid | Titanweiß | titanium dioxide | TiO2
1314-13-2 | Zinkoxid | zinc oxide | zinc white | ZnO
7733-02-0 7446-20-0 | Zinksulfat | Zinkvitriol | zinc sulfate | ZnSO4
7646-85-7 | Zinkchlorid | zinc chloride | ZnCl2
7758-98-7 7758-99-8 | Kupfersulfat | Kupfer(II)-sulfat | Kupfervitriol | copper sulfate | copper(II) sulfate
    | blue vitriol | CuSO4
7447-39-4 | Kupfer(II)-chlorid | Kupferchlorid | copper(II) chloride | copper chloride | cupric chloride | CuCl2
1317-38-0 | Kupfer(II)-oxid | Kupferoxid | copper(II) oxide | copper oxide | CuO
7786-81-4 10101-97-0 | Nickelsulfat | nickel sulfate | NiSO4
1313-13-9 | Mangandioxid | Braunstein | manganese dioxide | pyrolusite | MnO2
1333-82-0 | Chromtrioxid | chromium trioxide | CrO3
554-13-2 | Lithiumcarbonat | lithium carbonate | Li2CO3
7631-86-9 14808-60-7 | Siliciumdioxid | Siliziumdioxid | Kieselsäure | Quarzsand | Quarzmehl | Quarz
    | silicon dioxide | silica | silica sand | quartz | SiO2
7440-21-3 | Silicium | Silizium | silicon
409-21-2 | Siliciumcarbid | Siliziumkarbid | silicon carbide | SiC
7440-50-8 | Kupfer | Kupferschrott | copper | copper scrap
7440-66-6 | Zink | zinc
7439-92-1 | Blei | lead
7429-90-5 | Aluminium | Aluminiumschrott | aluminum | aluminium scrap | aluminum scrap
7440-02-0 | Nickel
7440-31-5 | Zinn | tin
7440-22-4 | Silber | silver
7440-05-3 | Palladium
7440-06-4 | Platin | platinum
7440-48-4 | Cobalt | Kobalt
7440-44-0 | Aktivkohle | activated carbon | activated charcoal
16291-96-6 | Holzkohle | Pflanzenkohle | charcoal | biochar
1333-86-4 | Ruß | Industrieruß | carbon black
7782-42-5 | Graphit | Grafit | graphite
7704-34-9 | Schwefel | sulfur
7723-14-0 | Phosphor | phosphorus
7553-56-2 | Iod | iodine
7726-95-6 | Brom | bromine
"""

_GASES = """
124-38-9 | Kohlendioxid | Kohlenstoffdioxid | Kohlensäure | Trockeneis | carbon dioxide | dry ice | CO2
630-08-0 | Kohlenmonoxid | Kohlenstoffmonoxid | carbon monoxide
74-82-8 | Methan | Biomethan | methane | biomethane | CH4
8006-14-2 | Erdgas | natural gas
1333-74-0 | Wasserstoff | hydrogen | H2
7782-44-7 | Sauerstoff | oxygen | O2
7727-37-9 | Stickstoff | nitrogen | N2
7440-37-1 | Argon
7440-59-7 | Helium
10028-15-6 | Ozon | ozone | O3
7782-50-5 | Chlor | Chlorgas | chlorine | chlorine gas | Cl2
10049-04-4 | Chlordioxid | chlorine dioxide | ClO2
7446-09-5 | Schwefeldioxid | sulfur dioxide | SO2
7783-06-4 | Schwefelwasserstoff | hydrogen sulfide | H2S
10024-97-2 | Distickstoffmonoxid | Distickstoffoxid | Lachgas | nitrous oxide | dinitrogen monoxide | N2O
74-86-2 | Acetylen | Ethin | acetylene | ethyne | C2H2
74-85-1 | Ethylen | Ethen | ethylene | ethene | C2H4
115-07-1 | Propylen | Propen | propylene | propene | C3H6
74-98-6 | Propan | propane | C3H8
106-97-8 | Butan | n-Butan | butane | n-butane
106-99-0 | Butadien | 1,3-Butadien | butadiene | 1,3-butadiene
75-21-8 | Ethylenoxid | Oxiran | ethylene oxide | oxirane
75-01-4 | Vinylchlorid | Chlorethen | vinyl chloride | VCM
7732-18-5 | Wasser | Prozesswasser | Brauchwasser | VE-Wasser | vollentsalztes Wasser | demineralisiertes Wasser
    | destilliertes Wasser | water | process water | demineralised water | demineralized water | deionised water
    | deionized water | distilled water | H2O
7722-84-1 | Wasserstoffperoxid | hydrogen peroxide | H2O2
"""

_ORGANICS = """
67-56-1 | Methanol | Methylalkohol | methyl alcohol | wood alcohol | CH3OH
64-17-5 | Ethanol | Ethylalkohol | Bioethanol | Weingeist | Spiritus | ethyl alcohol | C2H5OH
67-63-0 | Isopropanol | 2-Propanol | Propan-2-ol | Isopropylalkohol | isopropyl alcohol | IPA
71-23-8 | 1-Propanol | n-Propanol | Propan-1-ol
71-36-3 | 1-Butanol | n-Butanol | Butan-1-ol | Butanol
78-83-1 | Isobutanol | Isobutylalkohol | isobutyl alcohol
107-21-1 | Ethylenglykol | Monoethylenglykol | Ethylenglycol | Ethan-1,2-diol | Glykol | ethylene glycol
    | monoethylene glycol | MEG
57-55-6 | Propylenglykol | Propylenglycol | 1,2-Propandiol | Propan-1,2-diol | Monopropylenglykol
    | propylene glycol | monopropylene glycol | 1,2-propanediol | MPG
111-46-6 | Diethylenglykol | Diethylenglycol | diethylene glycol | DEG
56-81-5 | Glycerin | Glycerol | glycerine
67-64-1 | Aceton | Propanon | acetone | propanone
78-93-3 | Methylethylketon | Butanon | 2-Butanon | methyl ethyl ketone | butanone | MEK
108-10-1 | Methylisobutylketon | methyl isobutyl ketone | MIBK
108-94-1 | Cyclohexanon | cyclohexanone
141-78-6 | Ethylacetat | Essigester | Essigsäureethylester | ethyl acetate
123-86-4 | Butylacetat | n-Butylacetat | butyl acetate | n-butyl acetate
79-20-9 | Methylacetat | methyl acetate
108-88-3 | Toluol | Toluen | toluene | methylbenzene
1330-20-7 | Xylol | Xylen | xylene | xylenes | dimethylbenzene
71-43-2 | Benzol | benzene | C6H6
100-41-4 | Ethylbenzol | ethylbenzene
100-42-5 | Styrol | styrene
108-95-2 | Phenol | Karbolsäure | carbolic acid
75-09-2 | Dichlormethan | Methylenchlorid | dichloromethane | methylene chloride | DCM
67-66-3 | Chloroform | Trichlormethan | trichloromethane
127-18-4 | Tetrachlorethen | Tetrachlorethylen | Perchlorethylen | tetrachloroethylene | tetrachloroethene
    | perchloroethylene
79-01-6 | Trichlorethen | Trichlorethylen | trichloroethylene | trichloroethene
107-06-2 | 1,2-Dichlorethan | Dichlorethan | 1,2-dichloroethane | dichloroethane | ethylene dichloride | EDC
109-99-9 | Tetrahydrofuran | THF
68-12-2 | Dimethylformamid | N,N-Dimethylformamid | dimethylformamide | DMF
67-68-5 | Dimethylsulfoxid | dimethyl sulfoxide | DMSO
872-50-4 | N-Methyl-2-pyrrolidon | N-Methylpyrrolidon | N-methyl-2-pyrrolidone | N-methylpyrrolidone | NMP
75-05-8 | Acetonitril | acetonitrile
110-54-3 | n-Hexan | Hexan | n-hexane | hexane
142-82-5 | n-Heptan | Heptan | n-heptane | heptane
110-82-7 | Cyclohexan | cyclohexane
50-00-0 | Formaldehyd | Formalin | Methanal | formaldehyde
75-07-0 | Acetaldehyd | Ethanal | acetaldehyde
98-01-1 | Furfural
60-29-7 | Diethylether | diethyl ether
1634-04-4 | Methyl-tert-butylether | methyl tert-butyl ether | MTBE
62-53-3 | Anilin | aniline | aminobenzene
141-43-5 | Monoethanolamin | Ethanolamin | monoethanolamine | ethanolamine | MEA
111-42-2 | Diethanolamin | diethanolamine
102-71-6 | Triethanolamin | triethanolamine
105-60-2 | Caprolactam | caprolactame
108-31-6 | Maleinsäureanhydrid | maleic anhydride
85-44-9 | Phthalsäureanhydrid | phthalic anhydride
80-05-7 | Bisphenol A | BPA
108-78-1 | Melamin | melamine
80-62-6 | Methylmethacrylat | methyl methacrylate | MMA
108-05-4 | Vinylacetat | vinyl acetate | VAM
75-56-9 | Propylenoxid | propylene oxide
60-00-4 | Ethylendiamintetraessigsäure | ethylenediaminetetraacetic acid | EDTA
75-78-5 | Dimethyldichlorsilan | dimethyldichlorosilane
10026-04-7 | Siliciumtetrachlorid | Tetrachlorsilan | silicon tetrachloride | tetrachlorosilane | SiCl4
10025-78-2 | Trichlorsilan | trichlorosilane
63148-62-9 | Silikonöl | Polydimethylsiloxan | silicone oil | polydimethylsiloxane | PDMS
57-50-1 | Saccharose | Rübenzucker | Rohrzucker | Zucker | sucrose | sugar
50-99-7 | Glucose | Glukose | Traubenzucker | Dextrose
63-42-3 | Lactose | Laktose | Milchzucker | milk sugar
9005-25-8 | Stärke | starch
9004-34-6 | Cellulose | Zellstoff
9005-53-2 8068-05-1 | Lignin
67762-38-3 | Biodiesel | Fettsäuremethylester | fatty acid methyl esters | fatty acid methyl ester | FAME
"""

_MATERIALS = """
9002-88-4 | Polyethylen | polyethylene | polythene | PE | LDPE | HDPE
9003-07-0 | Polypropylen | polypropylene | PP
25038-59-9 | Polyethylenterephthalat | polyethylene terephthalate | PET
9002-86-2 | Polyvinylchlorid | polyvinyl chloride | PVC
9003-53-6 | Polystyrol | polystyrene | Styropor | EPS
9003-05-8 | Polyacrylamid | polyacrylamide | PAM
9002-89-5 | Polyvinylalkohol | polyvinyl alcohol | PVOH
1318-02-1 | Zeolith | zeolite
1302-78-9 | Bentonit | bentonite
1332-58-7 | Kaolin | China clay
61790-53-2 | Kieselgur | Diatomeenerde | kieselguhr | diatomaceous earth | diatomite
65997-15-1 | Zement | Portlandzement | cement | Portland cement
68131-74-8 | Flugasche | Kraftwerksasche | fly ash
65996-69-2 | Hochofenschlacke | Hüttensand | blast furnace slag | granulated blast furnace slag
- | Altöl | Gebrauchtöl | waste oil | used oil
- | Altfett | Altspeisefett | Altspeiseöl | Frittierfett | used cooking oil | waste cooking oil | UCO
- | Altholz | Restholz | waste wood | scrap wood
- | Hackschnitzel | Holzhackschnitzel | Hackgut | wood chips
- | Sägemehl | Sägespäne | Holzspäne | sawdust | wood shavings
- | Altpapier | waste paper | recovered paper
- | Altglas | Glasscherben | waste glass | cullet
- | Altreifen | used tyres | waste tyres | scrap tires
- | Stahlschrott | Eisenschrott | Schrott | steel scrap | scrap steel | iron scrap | scrap metal
- | Klärschlamm | sewage sludge | biosolids
- | Klärschlammasche | sewage sludge ash
- | Gärrest | Gärreste | Gärprodukt | digestate
- | Biogas | Faulgas | Klärgas | sewage gas
- | Kompost | compost
- | Gülle | manure | liquid manure | slurry
- | Biertreber | Treber | brewer's spent grain | brewers grains | spent grain
- | Molke | whey
- | Melasse | molasses
- | Bioabfall | Küchenabfall | Speisereste | food waste | kitchen waste | organic waste
- | Abwasser | wastewater | sewage | effluent
- | Rotschlamm | red mud | bauxite residue
- | Bauschutt | Betonbruch | Abbruchmaterial | construction waste | demolition waste | crushed concrete
- | Gießereisand | Gießereialtsand | Altsand | foundry sand | spent foundry sand
- | Lösemittelgemisch | Lösungsmittelgemisch | solvent mixture | mixed solvents
- | Glasfaser | Glasfasern | glass fibre | glass fiber
- | Carbonfaser | Kohlenstofffaser | Carbonfasern | carbon fibre | carbon fiber
"""

TABLE: Final = tuple(
    (tuple(number for number in numbers.split() if number != "-"), tuple(name.strip() for name in names))
    for written in (_ACIDS_AND_BASES, _SALTS, _METALS, _GASES, _ORGANICS, _MATERIALS)
    for numbers, *names in (line.split("|") for line in written.replace("\n    |", " |").strip().splitlines())
)
"""Each substance: its CAS numbers, the leading one first, and its names."""
