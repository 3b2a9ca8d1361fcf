using System.Text.Json.Nodes;

namespace Notify.Kernel.Resources;

/// <summary>Reads a draft of a resource, which is only tried, in the form of a request to create one.</summary>
public static class ResourceDraft
{
    /// <param name="path">The path of the draft in the request, under which faults are reported.</param>
    /// <param name="validate">Called if it could be read.</param>
    /// <returns>Valid only if there are no errors.</returns>
    public static TSettings? Read<TSettings>(JsonObject? draft, string path, Action<TSettings, Errors> validate, Errors errors)
        where TSettings : class
    {
        if (draft is null)
        {
            errors.Add(path, JsonShape.Required);
            return null;
        }

        if (ResourceFields.Deserialize<TSettings>(ResourceFields.SettingsOf(draft), path, errors) is not { } settings) return null;
        var faults = new Errors();
        validate(settings, faults);
        errors.AddAll(path, faults);
        return settings;
    }
}
