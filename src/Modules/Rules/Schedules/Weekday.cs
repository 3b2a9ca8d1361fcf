using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notify.Rules.Schedules;

/// <summary>In ISO order; in JSON in camel case, such as <c>monday</c>.</summary>
[JsonConverter(typeof(WeekdayConverter))]
public enum Weekday { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday }

internal sealed class WeekdayConverter() : JsonStringEnumConverter<Weekday>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
