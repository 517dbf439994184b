// expect: completed
exports.handler = async (event) => {
  const needle = event.needle_parts.join('');
  const seen = [...Object.entries(process.env).flat(), ...process.argv, ...process.execArgv, JSON.stringify(process.report.getReport())];
  return { got_through: [...Object.keys(process.env), ...seen.filter((text) => text.includes(needle))] };
};
