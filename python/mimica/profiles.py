"""Intune profiles in the form Microsoft Graph returns them (deviceManagement/deviceConfigurations, beta)."""
from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

#: Platform names of a device and the Graph type of their PKCS profile.
PKCS_TYPES: Mapping[str, str] = {
    "windows": "windows10PkcsCertificateProfile",
    "ios": "iosPkcsCertificateProfile",
    "macos": "macOSPkcsCertificateProfile",
    "android_work_profile": "androidWorkProfilePkcsCertificateProfile",
    "android_device_owner": "androidDeviceOwnerPkcsCertificateProfile",
    "aosp": "aospDeviceOwnerPkcsCertificateProfile",
}

_SAN_TYPES = {
    "email": "emailAddress",
    "upn": "userPrincipalName",
    "dns": "domainNameService",
    "uri": "universalResourceIdentifier",
}


def pkcs_profile(
    display_name: str,
    *,
    platform: str = "windows",
    ca_host: str = "ca01.contoso.com",
    ca_name: str = "CONTOSO-CA",
    template: str = "IntuneUser",
    subject: str = "CN={{UserName}}",
    sans: Sequence[tuple[str, str]] = (("upn", "{{UserPrincipalName}}"),),
    store: str = "user",
    ekus: Sequence[tuple[str, str]] = (("Client Authentication", "1.3.6.1.5.5.7.3.2"),),
    validity: tuple[int, str] = (1, "years"),
    renewal_threshold: int = 20,
    **properties: Any,
) -> str:
    """A PKCS certificate profile as JSON text.

    platform: a key of PKCS_TYPES. template: the cn of the template, not its display name. subject and sans may hold
    variables ("{{UserPrincipalName}}", "{{AAD_Device_ID}}"); the kinds of SAN are "email", "upn", "dns", "uri".
    store: "user" or "machine". validity: value and scale ("days", "months", "years"). renewal_threshold: percent of the
    lifetime that is left when renewal starts, 1 to 99. Further keyword arguments are Graph properties, written as they are.
    Raises ValueError for an unknown platform or kind of SAN.
    """
    if platform not in PKCS_TYPES:
        raise ValueError(f"no PKCS profile for platform {platform!r}; known: {', '.join(PKCS_TYPES)}")
    for kind, _ in sans:
        if kind not in _SAN_TYPES:
            raise ValueError(f"unknown kind of SAN {kind!r}; known: {', '.join(_SAN_TYPES)}")
    body: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{PKCS_TYPES[platform]}",
        "description": None,
        "displayName": display_name,
        "version": 1,
        "renewalThresholdPercentage": renewal_threshold,
        "subjectNameFormat": "custom",
        "subjectNameFormatString": subject,
        "subjectAlternativeNameType": "none",
        "subjectAlternativeNameFormatString": None,
        "certificateValidityPeriodValue": validity[0],
        "certificateValidityPeriodScale": validity[1],
        "certificationAuthority": ca_host,
        "certificationAuthorityName": ca_name,
        "certificateTemplateName": template,
        "certificateStore": store,
        "customSubjectAlternativeNames": [{"sanType": _SAN_TYPES[kind], "name": name} for kind, name in sans],
    }
    if platform == "windows":
        body["keyStorageProvider"] = "useSoftwareKsp"
    if platform == "macos":
        body["allowAllAppsAccess"] = False
        body["deploymentChannel"] = "userChannel" if store == "user" else "deviceChannel"
    if platform not in ("ios", "macos"):
        body["extendedKeyUsages"] = [{"name": name, "objectIdentifier": oid} for name, oid in ekus]
    if platform in ("android_device_owner", "aosp"):
        body["certificationAuthorityType"] = "microsoft"
    body.update(properties)
    return json.dumps(body, indent=2)
